package dev.squadron.benchmarks;

import dev.squadron.text.squad.SquadQuestion;
import dev.squadron.text.squad.SquadReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads SQuAD files whole. */
public final class SquadQuestions {
    private SquadQuestions() {}

    /** Returns the questions of a file, in their order. */
    public static List<SquadQuestion> read(Path file) throws IOException {
        List<SquadQuestion> questions = new ArrayList<>();
        try (SquadReader reader = new SquadReader(file.toString(), Files.newInputStream(file))) {
            reader.forEachRemaining(questions::add);
        }
        return questions;
    }
}
