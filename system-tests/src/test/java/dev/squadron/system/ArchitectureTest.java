package dev.squadron.system;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may use whom. */
@AnalyzeClasses(packages = "dev.squadron", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] SERVICES = {
        "dev.squadron.ingest..", "dev.squadron.tokenizer..", "dev.squadron.trainer..", "dev.squadron.inference.."
    };

    private static final String[] LIBRARIES = {
        "dev.squadron.contracts..",
        "dev.squadron.text..",
        "dev.squadron.seq2seq..",
        "dev.squadron.checkpoints..",
        "dev.squadron.kit..",
        "dev.squadron.local.."
    };

    @ArchTest
    static final ArchRule noLibraryKnowsAService = noClasses()
            .that()
            .resideInAnyPackage(LIBRARIES)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(SERVICES);

    @ArchTest
    static final ArchRule noServiceKnowsAnother = slices().matching(
                    "dev.squadron.(ingest|tokenizer|trainer|inference)..")
            .should()
            .notDependOnEachOther();

    @ArchTest
    static final ArchRule contractsKnowNobody = noClasses()
            .that()
            .resideInAPackage("dev.squadron.contracts..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.squadron.text..",
                    "dev.squadron.seq2seq..",
                    "dev.squadron.checkpoints..",
                    "dev.squadron.kit..",
                    "dev.squadron.local..",
                    "io.quarkus..",
                    "jakarta..",
                    "org.apache.kafka..");

    @ArchTest
    static final ArchRule aDomainIsPlainJava = noClasses()
            .that()
            .resideInAPackage("dev.squadron.*.domain..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.quarkus..", "jakarta..", "org.apache.kafka..", "io.vertx..", "org.eclipse.microprofile..");

    @ArchTest
    static final ArchRule theCoreHasNoQuarkusInIt = noClasses()
            .that()
            .resideInAnyPackage("dev.squadron.text..", "dev.squadron.seq2seq..", "dev.squadron.checkpoints..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.quarkus..", "jakarta..", "org.apache.kafka..");

    @ArchTest
    static final ArchRule onlyTheModelKnowsTensorFlow = classes()
            .that()
            .resideInAPackage("org.tensorflow..")
            .should()
            .onlyHaveDependentClassesThat()
            .resideInAnyPackage("org.tensorflow..", "dev.squadron.seq2seq..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule onlyTheObjectStoreKnowsTheS3Client = noClasses()
            .that()
            .resideInAPackage("dev.squadron..")
            .and()
            .resideOutsideOfPackage("dev.squadron.checkpoints.store..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.minio..");

    @ArchTest
    static final ArchRule onlyListenersAndPlumbingKnowKafka = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "dev.squadron.kit..", "dev.squadron.local..", "dev.squadron.cli..", "dev.squadron.*.listener..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.kafka..");
}
