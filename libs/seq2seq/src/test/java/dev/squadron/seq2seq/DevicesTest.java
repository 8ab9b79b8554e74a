package dev.squadron.seq2seq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.seq2seq.Devices.Kind;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DevicesTest {
    private static final Path MODEL = Path.of(System.getProperty("squadron.home"), "samples/golden/flan-t5");

    @Test
    void readsTheKindAndTheNumbers() {
        assertThat(Devices.parse("cpu", true)).isEqualTo(Devices.cpu());
        assertThat(Devices.parse("gpu:0", true)).isEqualTo(new Devices(Kind.GPU, List.of(0), true));
        assertThat(Devices.parse("gpu:0,2", true)).isEqualTo(new Devices(Kind.GPU, List.of(0, 2), true));
        assertThat(Devices.parse("gpu:0-2,5", true)).isEqualTo(new Devices(Kind.GPU, List.of(0, 1, 2, 5), true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "tpu", "gpu:", "gpu:a", "gpu:3-0", "gpu:0-1-2", "gpu:0,0"})
    void refusesAnythingElse(String text) {
        assertThatThrownBy(() -> Devices.parse(text, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("“" + text + "”");
    }

    @Test
    void computesOnTheProcessorWhereThereIsNoGpu() {
        assertThat(Devices.parse("gpu:99", true).orCpu(Threads.perCore())).isEqualTo(Devices.cpu());
    }

    @ParameterizedTest
    @EnumSource(names = {"FP32", "BF16"})
    void findsTheSameOnEachDevice(Precision precision) {
        int[][] inputs = {{40, 41, 42, 43, 1}, {50, 51, 1}};
        int[][] labels = {{60, 61, 1}, {62, 1}};
        try (Seq2SeqModel one = Seq2SeqModel.load(MODEL, how(precision, "cpu"));
                Seq2SeqModel two = Seq2SeqModel.load(MODEL, how(precision, "cpu:0,1"))) {
            float[] expected = one.decoderStates(inputs, labels).states();

            assertThat(two.decoderStates(inputs, labels).states()).isEqualTo(expected);
            assertThat(two.decoderStates(inputs, labels).states()).isEqualTo(expected);
        }
    }

    @Test
    void computesInFp32WhatTheProcessorHasNoInstructionsFor() {
        assertThat(Precision.BF16.suited(Devices.cpu()))
                .isEqualTo(Processor.hasBf16() ? Precision.BF16 : Precision.FP32);
        assertThat(Precision.INT8.suited(Devices.cpu()))
                .isEqualTo(Processor.hasVnni() ? Precision.INT8 : Precision.FP32);
        assertThat(Precision.FP16.suited(Devices.cpu())).isEqualTo(Precision.FP16);
    }

    @Test
    void computesInBf16OnAGpuWhatIsToBeInt8() {
        Devices gpu = Devices.parse("gpu:0", true);

        assertThat(Precision.INT8.suited(gpu)).isEqualTo(Precision.BF16);
        assertThat(Precision.BF16.suited(gpu)).isEqualTo(Precision.BF16);
        assertThatThrownBy(() -> new Execution(Precision.INT8, gpu, Threads.perCore()))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("int8 is for processors");
    }

    private static Execution how(Precision precision, String devices) {
        return new Execution(precision, Devices.parse(devices, true), Threads.perCore());
    }
}
