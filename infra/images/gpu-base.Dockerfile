# Java beside CUDA 12 and cuDNN 9.3 or newer, as TensorFlow 2.18 wants them: the BASE of the trainer's and inference's images on GPUs.
#   mvn -Dquick -Pgpu package
#   docker build -f infra/images/gpu-base.Dockerfile -t squadron/gpu-base infra/images
#   docker build -f infra/images/Dockerfile --build-arg BASE=squadron/gpu-base --build-arg PORT=8083 \
#     -t squadron/trainer-service:0.1.0-gpu trainer-service/target/quarkus-app
ARG JRE=eclipse-temurin:17-jre-jammy
ARG CUDA=nvidia/cuda:12.6.3-cudnn-runtime-ubuntu22.04
FROM ${JRE} AS jre

FROM ${CUDA}
COPY --from=jre /opt/java/openjdk /opt/java/openjdk
ENV JAVA_HOME=/opt/java/openjdk \
    PATH=/opt/java/openjdk/bin:$PATH
