package dev.squadron.inference.domain;

/**
 * How large a batch may be.
 *
 * @param questions most questions
 * @param tokens most tokens, padding included: questions times the longest prompt
 */
public record BatchLimits(int questions, int tokens) {

    boolean allow(int count, int longest) {
        return count == 1 || (count <= questions && (long) count * longest <= tokens);
    }
}
