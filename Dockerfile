# One image serves as server and as worker: the command says which.
FROM node:24.11.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY shared/package.json shared/
COPY kernel/package.json kernel/
COPY server/package.json server/
COPY server/bin/lean.js server/bin/prepare.js server/bin/
COPY kernel/startup/prepare.js kernel/startup/
COPY client/package.json client/
COPY notebooks/package.json notebooks/
COPY e2e/package.json e2e/
COPY bench/package.json bench/
COPY docs/package.json docs/
RUN npm install
COPY . .
RUN node -e "import('./server/cli/client-build.ts').then(({ ensureClient }) => ensureClient(() => console.log('building the client')))" \
    && node server/bin/prepare.js \
    && node kernel/startup/prepare.js \
    && npm prune --omit=dev

FROM node:24.11.0-bookworm-slim
ENV NODE_ENV=production
# What the server lets go goes back to the system, not to the C library's stock; kernels do without.
ENV MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072 MALLOC_MMAP_THRESHOLD_=131072
WORKDIR /app
COPY --from=build --chown=node:node /app /app
RUN mkdir /data /notebooks && chown node:node /data /notebooks
USER node
VOLUME ["/data", "/notebooks"]
EXPOSE 8700
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["node", "server/bin/health.js"]
ENTRYPOINT ["node", "server/bin/trialroom.js"]
CMD ["start", "--host", "0.0.0.0", "--data", "/data", "--notebooks", "/notebooks"]
