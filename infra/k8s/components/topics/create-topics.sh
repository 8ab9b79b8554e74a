#!/bin/bash
# Creates Squadron's topics, as dev.squadron.contracts.Topics names them; one that exists stays as it is.
# KAFKA_BOOTSTRAP_SERVERS names the brokers; PARTITIONS (3) and REPLICATION_FACTOR (1) may be set.
set -euo pipefail

create() {
  local topic=$1 partitions=$2
  shift 2
  /opt/kafka/bin/kafka-topics.sh --bootstrap-server "$KAFKA_BOOTSTRAP_SERVERS" --create --if-not-exists \
    --topic "$topic" --partitions "$partitions" --replication-factor "${REPLICATION_FACTOR:-1}" \
    --config max.message.bytes=1100000 "$@"
}

shares=${PARTITIONS:-3}
keep=(--config retention.ms=-1)
week=(--config retention.ms=604800000)
compact=(--config cleanup.policy=compact)

create squadron.datasets.v1 1 "${compact[@]}"
create squadron.records.v1 "$shares" "${keep[@]}"
create squadron.records.dlq.v1 "$shares" "${keep[@]}"
create squadron.token-batches.v1 "$shares" "${keep[@]}"
create squadron.runs.v1 1 "${compact[@]}"
create squadron.sweeps.v1 1 "${compact[@]}"
create squadron.progress.v1 1 "${week[@]}"
create squadron.checkpoints.v1 1 "${compact[@]}"
