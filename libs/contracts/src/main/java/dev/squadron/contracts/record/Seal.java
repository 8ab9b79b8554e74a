package dev.squadron.contracts.record;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;

/**
 * The end of a data set in one partition: nothing of it follows. Ingest writes one into every partition of the records
 * topic; the tokenizer passes it on with its own counts. In every partition, records = tokenized + rejected.
 *
 * @param dataset the data set that ends
 * @param partition the partition that it ends in
 * @param records how many records of the data set ingest wrote into the partition; null where others wrote them
 * @param tokenized how many of them became examples; null before the tokenizer
 * @param rejected how many of them became dead letters in the tokenizer; null before the tokenizer
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Seal(String dataset, int partition, Long records, Long tokenized, Long rejected) {

    /** Returns the seal as UTF-8 JSON. */
    public byte[] write() {
        return ContractJson.write(this);
    }

    /**
     * Reads a seal.
     *
     * @throws InvalidMessage {@code bad-seal}, or those of {@link ContractJson#read}
     */
    public static Seal read(byte[] utf8) throws InvalidMessage {
        boolean placed = ContractJson.readTree(utf8).path("partition").isInt();
        Seal seal = ContractJson.read(utf8, Seal.class);
        if (!placed
                || seal.dataset == null
                || !RecordLimits.DATASET.matcher(seal.dataset).matches()
                || seal.partition < 0) {
            throw new InvalidMessage(
                    "bad-seal", "The seal has no valid dataset and partition; only ingest-service writes seals.");
        }
        return seal;
    }
}
