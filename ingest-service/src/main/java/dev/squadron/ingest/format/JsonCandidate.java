package dev.squadron.ingest.format;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.record.CheckedRecord;
import dev.squadron.contracts.record.QaRecordCodec;
import dev.squadron.ingest.domain.Candidate;
import java.util.Map;

/**
 * A row in JSON.
 *
 * @param bytes as it came
 * @param columns how it becomes a record
 */
record JsonCandidate(byte[] bytes, Columns columns) implements Candidate {
    @Override
    public CheckedRecord check() throws InvalidMessage {
        JsonNode row = ContractJson.readTree(bytes);
        if (!row.isObject() || (columns.paths().equals(Map.of()) && row.has("dataset"))) {
            return QaRecordCodec.read(bytes);
        }
        return QaRecordCodec.read(ContractJson.write(columns.record(row)));
    }
}
