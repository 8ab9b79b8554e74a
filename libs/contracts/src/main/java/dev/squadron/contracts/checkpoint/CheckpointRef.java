package dev.squadron.contracts.checkpoint;

/**
 * Points to a checkpoint.
 *
 * @param id the first 16 hexadecimal digits of the SHA-256 of its head
 * @param manifestKey the object that describes it
 * @param manifestSha256 SHA-256 of that object
 */
public record CheckpointRef(String id, String manifestKey, String manifestSha256) {}
