package dev.squadron.trainer.domain.report;

import dev.squadron.trainer.domain.report.Chart.Scale;
import java.util.ArrayList;
import java.util.List;

/**
 * Values and their places on a line.
 *
 * @param low the value at {@code from}
 * @param high the value at {@code to}, above {@code low}
 * @param from a place in the picture
 * @param to another
 */
record Axis(Scale scale, double low, double high, double from, double to) {
    private static final int TICKS = 5;
    private static final double[] ROUND = {1, 2, 5, 10};

    /** Returns an axis on which {@code least} to {@code largest} find room, with round numbers at its ends where it is linear. */
    static Axis of(Scale scale, double least, double largest, double from, double to) {
        if (scale == Scale.LOG) {
            double room = least == largest ? 2 : Math.pow(largest / least, 0.04);
            return new Axis(scale, least / room, largest * room, from, to);
        }
        double room = least == largest ? Math.max(1e-9, Math.abs(least) * 0.5) : 0;
        double step = step(largest - least + 2 * room);
        return new Axis(
                scale,
                Math.floor((least - room) / step + 1e-9) * step,
                Math.ceil((largest + room) / step - 1e-9) * step,
                from,
                to);
    }

    /** Returns the place of a value. */
    double at(double value) {
        double share = scale == Scale.LOG ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
        return from + share * (to - from);
    }

    /** Returns the round values between the ends. */
    List<Double> ticks() {
        return scale == Scale.LOG ? powers() : multiples();
    }

    private List<Double> multiples() {
        double step = step(high - low);
        List<Double> ticks = new ArrayList<>();
        for (long i = (long) Math.ceil(low / step - 1e-6); i * step <= high + step * 1e-6; i++) {
            ticks.add(i * step);
        }
        return ticks;
    }

    private List<Double> powers() {
        boolean few = high / low < 1e3;
        List<Double> ticks = new ArrayList<>();
        for (int power = (int) Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
            for (double factor : few ? new double[] {1, 2, 5} : new double[] {1}) {
                double tick = factor * Math.pow(10, power);
                if (tick >= low && tick <= high) {
                    ticks.add(tick);
                }
            }
        }
        return ticks;
    }

    /** Returns 1, 2 or 5 times a power of ten, of which some five fit into {@code range}. */
    private static double step(double range) {
        double power = Math.pow(10, Math.floor(Math.log10(range / TICKS)));
        for (double factor : ROUND) {
            if (range / (factor * power) <= TICKS + 1) {
                return factor * power;
            }
        }
        throw new IllegalArgumentException("No steps for a range of " + range);
    }
}
