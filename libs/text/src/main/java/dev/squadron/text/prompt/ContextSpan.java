package dev.squadron.text.prompt;

/**
 * A piece of a context.
 *
 * @param start its first code point
 * @param end the code point behind its last
 * @param text what stands there
 */
public record ContextSpan(int start, int end, String text) {}
