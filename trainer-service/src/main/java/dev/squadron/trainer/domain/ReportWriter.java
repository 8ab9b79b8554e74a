package dev.squadron.trainer.domain;

import dev.squadron.checkpoints.runstate.RunReportStore;
import dev.squadron.contracts.checkpoint.Manifest;
import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.text.metric.SquadMetric;
import dev.squadron.text.metric.SquadMetric.Version;
import dev.squadron.trainer.domain.dataset.DatasetExample;
import dev.squadron.trainer.domain.learning.Learner;
import dev.squadron.trainer.domain.report.Findings;
import dev.squadron.trainer.domain.report.Judged;
import dev.squadron.trainer.domain.report.Lineage;
import dev.squadron.trainer.domain.report.RunReport;
import dev.squadron.trainer.domain.validation.Answered;
import dev.squadron.trainer.domain.validation.Validation;
import java.time.Clock;
import java.util.List;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes the report of a run at its end. */
final class ReportWriter {
    private static final Logger LOG = LoggerFactory.getLogger(ReportWriter.class);

    private final LoadedModel model;
    private final RunReportStore store;
    private final Clock clock;

    ReportWriter(LoadedModel model, RunReportStore store, Clock clock) {
        this.model = model;
        this.store = store;
        this.clock = clock;
    }

    /**
     * Writes the report; a run is worth more than its report, so one that cannot be written is told to the log and nobody else.
     *
     * @param told what the run has told
     * @param questions the validation split
     * @param before what the model that training started from answers to them
     * @param after what the trained one does
     */
    void write(
            RunEvent run,
            List<Progress> told,
            Manifest manifest,
            List<DatasetExample> questions,
            Answered before,
            Answered after,
            Learner learner) {
        try {
            Findings findings = Findings.of(judged(questions, before, after), learner::validationLoss);
            RunEvent ended = run.to(RunEvent.State.SUCCEEDED, manifest.id(), null, clock.instant());
            Lineage lineage = new Lineage(manifest, model.prompt().preprocessing());
            store.keep(run.run(), new RunReport(ended, told, findings, lineage).write());
        } catch (RuntimeException e) {
            LOG.warn("Run {} has no report: {}", run.run(), e.getMessage(), e);
        }
    }

    private List<Judged> judged(List<DatasetExample> questions, Answered before, Answered after) {
        Version version = Validation.version(questions);
        return IntStream.range(0, questions.size())
                .mapToObj(place -> {
                    DatasetExample question = questions.get(place);
                    String was = before.answers().get(place);
                    String is = after.answers().get(place);
                    return new Judged(
                            model.prompt().question(question.inputIds()),
                            question.answers(),
                            was,
                            is,
                            SquadMetric.score(was, question.answers(), version),
                            SquadMetric.score(is, question.answers(), version));
                })
                .toList();
    }
}
