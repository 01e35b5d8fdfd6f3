# The verifier on an NVIDIA GPU: the plain verifier's files on CUDA 12 and cuDNN 9, and onnxruntime's CUDA libraries. x64
# only. A file of its own: without BuildKit every stage above a target is made, and this one takes gigabytes.
#
#   docker build -f deploy/docker/verifier-cuda.Dockerfile -t registry.example.com/adaedl/verifier-cuda:0.1.0 deploy/docker
#   docker run --gpus all … registry.example.com/adaedl/verifier-cuda:0.1.0          # docs/gpu.md
ARG VERIFIER_IMAGE=registry.example.com/adaedl/verifier:0.1.0
ARG CUDA_IMAGE=nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04

FROM ${VERIFIER_IMAGE} AS verifier

# onnxruntime-node's install script, which is denied elsewhere, fetches the libraries from NuGet; "skip" fetches none.
FROM verifier AS files
ARG ONNXRUNTIME=cuda12
USER root
RUN ONNXRUNTIME_NODE_INSTALL="$ONNXRUNTIME" node node_modules/onnxruntime-node/script/install.js

FROM ${CUDA_IMAGE}
ARG CUDA_IMAGE
COPY --from=verifier /usr/local/bin/node /usr/local/bin/
COPY --from=verifier /usr/bin/tini /usr/bin/
COPY --from=files /app /app
COPY --from=verifier --chown=1000:1000 /var/cache/adaedl /var/cache/adaedl
ENV NODE_ENV=production ADAEDL_CACHE_DIR=/var/cache/adaedl ADAEDL_LISTEN=0.0.0.0:50051 ADAEDL_PROVIDER=cuda
WORKDIR /app
USER 1000:1000
EXPOSE 50051
HEALTHCHECK --interval=30s --timeout=20s --start-period=600s \
  CMD ["sh", "-c", "exec node packages/cli/bin/adaedl.js health 127.0.0.1:${ADAEDL_LISTEN##*:}"]
# As in Dockerfile.
ENTRYPOINT ["tini", "--", "node", "--initial-old-space-size=64", "/app/packages/cli/bin/adaedl.js"]
CMD ["serve", "verifier"]
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="adaedl verifier for CUDA" \
  org.opencontainers.image.description="Decides with the big model what adaedl's draft services have guessed" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.base.name="${CUDA_IMAGE}"
