# The demo model as an image, for clusters whose nodes cannot mount a folder of the checkout:
#   docker build -f infra/images/models.Dockerfile -t squadron/models:0.1.0 models
ARG BASE=busybox:1.37
FROM ${BASE}
COPY . /models/
USER 10001:10001
CMD ["cp", "-r", "/models/.", "/target/"]
