package dev.squadron.inference.domain;

/** A question about a passage. */
public record Question(String question, String context) {}
