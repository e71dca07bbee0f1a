# echemscreen with both engines, the refined tier and what clusters need (apptainer.def is the same for them), for
# machines on which neither pip nor conda finds the engines:
#   docker build --platform linux/amd64 -t echemscreen .
#   docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/run/screen" echemscreen screen ligands.smi --qd CdSe:3.0/CdS:3.5
# Python 3.11 is the last with a wheel of the engine xtb.
FROM python:3.11-slim-bookworm

# What wheels expect of the system: tblite OpenMP, RDKit the libraries of its drawings.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libexpat1 libgomp1 libxext6 libxrender1 \
    && rm -rf /var/lib/apt/lists/*

RUN --mount=type=bind,target=/source,rw pip install --no-cache-dir "/source[refined,dask,postgresql,parquet]"

# Whoever runs it has no home in here; --user makes the files that are written one's own.
ENV HOME=/tmp
WORKDIR /run/screen
USER 65534:65534
ENTRYPOINT ["echemscreen"]
