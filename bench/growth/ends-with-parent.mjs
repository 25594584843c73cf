/** For a process that must not outlive the benchmark. */
process.once('disconnect', () => process.exit());
process.channel?.unref();
