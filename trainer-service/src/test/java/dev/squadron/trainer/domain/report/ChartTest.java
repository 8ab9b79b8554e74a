package dev.squadron.trainer.domain.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squadron.trainer.domain.report.Chart.Point;
import dev.squadron.trainer.domain.report.Chart.Scale;
import dev.squadron.trainer.domain.report.Chart.Series;
import dev.squadron.trainer.domain.report.Chart.Style;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChartTest {
    @ParameterizedTest
    @CsvSource({"0, 0.87", "12, 13", "-3, 4000", "1.15, 2.3", "5, 5", "0, 0", "1e-9, 3e-9", "-70, -60"})
    void hasRoundTicksBetweenRoundEnds(double least, double largest) {
        Axis axis = Axis.of(Scale.LINEAR, least, largest, 0, 100);

        assertThat(axis.low()).isLessThanOrEqualTo(least);
        assertThat(axis.high()).isGreaterThanOrEqualTo(largest).isGreaterThan(axis.low());
        assertThat(axis.ticks()).hasSizeBetween(3, 8);
        assertThat(axis.at(axis.ticks().get(0))).isCloseTo(0, within(1e-6));
        assertThat(axis.at(axis.ticks().get(axis.ticks().size() - 1))).isCloseTo(100, within(1e-6));
    }

    @Test
    void spacesFactorsEvenlyOnALogarithmicAxis() {
        Axis axis = Axis.of(Scale.LOG, 1e-5, 1e-1, 0, 100);

        assertThat(axis.ticks()).hasSize(5);
        assertThat(axis.at(1e-3)).isCloseTo(50, within(1e-6));
        assertThat(axis.at(1e-2) - axis.at(1e-3)).isCloseTo(axis.at(1e-4) - axis.at(1e-5), within(1e-6));
    }

    @Test
    void drawsALineThroughItsPointsAndTheDotsOfAShortOne() {
        String svg =
                chart(Scale.LINEAR, new Point(0, 1), new Point(10, 2)).draw().toString();

        assertThat(svg).contains("points=\"64.0,236.0 624.0,16.0\"").containsOnlyOnce("<polyline");
        assertThat(svg.split("<circle", -1)).hasSize(3);
        assertThat(svg).contains("<title>s 2 at 10</title>");
    }

    @Test
    void leavesTheDotsOfALongLineOut() {
        Point[] points = IntStream.range(0, 100).mapToObj(i -> new Point(i, i)).toArray(Point[]::new);

        assertThat(chart(Scale.LINEAR, points).draw().toString()).doesNotContain("<circle");
    }

    @Test
    void leavesOutWhatCannotBeDrawn() {
        assertThat(chart(Scale.LINEAR, new Point(0, Double.NaN), new Point(Double.POSITIVE_INFINITY, 1))
                        .isEmpty())
                .isTrue();
        assertThat(chart(Scale.LOG, new Point(0, 1), new Point(-2, 1)).isEmpty())
                .isTrue();
        assertThat(chart(Scale.LOG, new Point(1, 1)).isEmpty()).isFalse();
    }

    @Test
    void namesSeveralSeriesInALegend() {
        String svg = Chart.of("t", "x", series("a", new Point(1, 1)), series("<b>", new Point(1, 1)))
                .draw()
                .toString();

        assertThat(svg).contains("━ a</span>").contains("━ &lt;b&gt;</span>").doesNotContain("<b>");
    }

    private static Chart chart(Scale scale, Point... points) {
        return new Chart("t", "x", scale, Scale.LINEAR, List.of(series("s", points)));
    }

    private static Series series(String name, Point... points) {
        return new Series(name, Style.LINE, List.of(points));
    }
}
