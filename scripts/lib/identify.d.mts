export declare function identify(pid: number): string | undefined;
