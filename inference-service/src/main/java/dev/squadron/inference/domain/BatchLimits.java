package dev.squadron.inference.domain;

/**
 * How large a batch may be.
 *
 * @param questions most questions
 * @param tokens most tokens, padding included: questions times the longest prompt
 * @param sequences most answers that are followed at a time: questions times the beams of each
 */
public record BatchLimits(int questions, int tokens, int sequences) {

    boolean allow(int count, int longest, int beams) {
        return count == 1
                || (count <= questions && (long) count * longest <= tokens && (long) count * beams <= sequences);
    }
}
