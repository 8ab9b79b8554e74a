package dev.squadron.kit.http;

import java.time.Duration;

/** Ends a request with a {@link Problem}. */
public class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Problem problem;
    private final transient Duration retryAfter;

    /** Ends the request with {@code problem}. */
    public ProblemException(Problem problem) {
        this(problem, null);
    }

    /** Ends the request with {@code problem}; the client may come again after {@code retryAfter}. */
    public ProblemException(Problem problem, Duration retryAfter) {
        super(problem.detail());
        this.problem = problem;
        this.retryAfter = retryAfter;
    }

    /** Returns a 422: the request is well formed and cannot be used. */
    public static ProblemException unusable(String rule, String detail) {
        return new ProblemException(Problem.of(422, rule, "The request cannot be used", detail));
    }

    /** Returns a 404. */
    public static ProblemException notFound(String detail) {
        return new ProblemException(Problem.of(404, "not-found", "Not found", detail));
    }

    /** Returns a 409. */
    public static ProblemException conflict(String rule, String detail) {
        return new ProblemException(Problem.of(409, rule, "In conflict with what is there", detail));
    }

    /** Returns the problem. */
    public Problem problem() {
        return problem;
    }

    /** Returns when the client may come again, or null. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
