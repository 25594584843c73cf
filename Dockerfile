# Debian: Temporal's core has no binaries for musl.
FROM node:22-bookworm-slim AS packages
WORKDIR /unwind
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts
# Remove the binaries of other platforms, a third of all packages.
RUN find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -r {} +

FROM packages AS bundle
COPY tsconfig.json ./
COPY src src
RUN ["node", "--import", "tsx", "--input-type=module", "--eval", "import { buildWorkflowBundle } from './src/workflows/bundle.ts'; await buildWorkflowBundle('build')"]

FROM node:22-bookworm-slim
# Without trusted certificates, a Temporal server behind TLS cannot be reached.
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /unwind
COPY --from=packages /unwind/node_modules node_modules
COPY --from=bundle /unwind/build build
COPY package.json tsconfig.json ./
COPY drizzle drizzle
COPY src src
# Not NODE_ENV=production, which turns AUTH on.
ENV HOST=127.0.0.1 PORT=3000 WORKFLOW_BUNDLE=/unwind/build/workflows.js
USER node
EXPOSE 3000
# Other processes: src/worker.ts with the names of its roles, src/migrate.ts, src/audit.ts, src/admin.ts, src/events.ts.
CMD ["node", "--import", "tsx", "src/server.ts"]
