package dev.squadron.inference;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.squadron.checkpoints.runstate.RunReportStore;
import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.contracts.Headers;
import dev.squadron.contracts.Topics;
import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.contracts.dataset.DatasetEvent;
import dev.squadron.contracts.run.Progress;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.support.ui.Select;
import org.openqa.selenium.support.ui.WebDriverWait;

/** The page in a real headless Chromium; its pictures lie in {@code target/screenshots} afterwards. */
@QuarkusTest
@QuarkusTestResource(StackResource.class)
class PageIT {
    private static final String PASSAGE =
            "🐧 A penguin 🐧 lives here. The ferry leaves the harbour at noon. Anna Berg is its captain.";

    private static ChromeDriver browser;

    @TestHTTPResource("/")
    URL page;

    @Inject
    TestCheckpoints checkpoints;

    @Inject
    ObjectStore store;

    @BeforeAll
    static void openBrowser() {
        Optional<Path> chromium = program("chromium", "chromium-browser", "google-chrome");
        Optional<Path> driver = program("chromedriver");
        assumeTrue(
                chromium.isPresent() && driver.isPresent(),
                "No Chromium with chromedriver on the PATH: on Debian, apt-get install chromium chromium-driver");
        ChromeOptions options = new ChromeOptions()
                .setBinary(chromium.get().toFile())
                .addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage");
        browser = new ChromeDriver(
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(driver.get().toFile())
                        .build(),
                options);
    }

    @AfterAll
    static void closeBrowser() {
        if (browser != null) {
            browser.quit();
        }
    }

    @BeforeEach
    void open() {
        browser.manage().window().setSize(new Dimension(1280, 1000));
        browser.get(page.toString());
        await(() -> !text("#model").startsWith("Looking"));
    }

    @Test
    void marksTheAnswerInThePassageByCodePoints() {
        choose("A passage of your own…");
        type("#context", PASSAGE);
        ask("Who is the captain?");

        await(() -> text("#answer .text").equals("Anna Berg"));
        assertThat(text("#passage mark")).isEqualTo("Anna Berg");
        assertThat(text("#passage")).isEqualTo(PASSAGE);
        assertThat(text("#answer")).contains("Score", "Answered by");
        assertNothingWentWrong();
    }

    @Test
    void takesACorrectionOfAnAnswer() {
        choose("A passage of your own…");
        type("#context", PASSAGE);
        ask("Where does the ferry leave?");
        await(() -> !texts("#answer .correction").isEmpty());
        element("#answer .correction summary").click();
        WebElement right = element("#answer .correction input");
        assertThat(right.getAccessibleName()).isNotBlank();
        assertThat(right.getDomProperty("value")).isEqualTo(text("#answer .text"));

        type("#answer .correction input", "nowhere");
        element("#answer .correction button").click();
        await(() -> text("#answer .correction [role=status]").contains("does not stand in the context"));
        browser.manage().logs().get(LogType.BROWSER);
        type("#answer .correction input", "the harbour");
        element("#answer .correction button").click();

        await(() -> text("#answer .correction [role=status]").startsWith("Taken."));
        assertNothingWentWrong();
    }

    @Test
    void showsSeveralAnswersAndMarksTheOneThatIsChosen() {
        choose("A passage of your own…");
        type("#context", PASSAGE);
        select("#mode", "the most probable quotation of all");
        select("#count", "3");
        ask("Who is the captain?");

        await(() -> texts("#answer .alternatives li").size() == 3);
        assertThat(text("#answer")).contains("Decoding steps");
        WebElement second = element("#answer .alternatives li:nth-child(2) button");
        String quoted = second.getText();
        assertThat(quoted).isNotEqualTo("Anna Berg");
        second.click();
        await(() -> text("#passage mark").equals(quoted));

        select("#mode", "any words");
        ask("Who is the captain?");
        await(() -> text("#answer .text").equals("Anna Berg"));
        await(() -> texts("#answer .alternatives li").size() == 3);
        assertNothingWentWrong();
    }

    @Test
    void offersPassagesAndQuestionsOfItsOwn() {
        await(() -> texts("#sample option").size() > 4);
        assertThat(texts("#sample option")).contains("The Company and Its Story");
        assertThat(element("#question").getDomProperty("value")).endsWith("?");

        element("#ask button").click();

        await(() -> !texts("#answer .text").isEmpty());
        assertNothingWentWrong();
    }

    @Test
    void saysWhatIsMissing() {
        choose("A passage of your own…");
        ask("Who is the captain?");

        assertThat(text("#ask-error")).isEqualTo("Paste a passage first.");
    }

    @Test
    void leadsToTheReportOfARunThatIsDone() throws Exception {
        new RunReportStore(store).keep("run-2", "<title>Run run-2</title>".getBytes(UTF_8));
        checkpoints.publish(Topics.PROGRESS, "run-2", Headers.TYPE_PROGRESS, baseline("run-2", 1.4));
        checkpoints.publish(Topics.PROGRESS, "run-2", Headers.TYPE_PROGRESS, training("run-2", 100));
        checkpoints.publish(Topics.PROGRESS, "run-2", Headers.TYPE_PROGRESS, done("run-2", 1.1));

        await(() -> text("#run").contains("Report"));
        assertThat(browser.findElements(By.cssSelector("#run circle"))).hasSize(2);
        assertThat(texts("#run svg text")).contains("1.40").doesNotContain("1.10");
        element("#run a").click();

        await(() -> browser.getTitle().equals("Run run-2"));
    }

    @Test
    void drawsTheRunAndThePipelineLive() throws Exception {
        checkpoints.publish(Topics.DATASETS, "handbook", Headers.TYPE_DATASET, dataset());
        for (int step = 10; step <= 150; step += 10) {
            checkpoints.publish(Topics.PROGRESS, "run-1", Headers.TYPE_PROGRESS, training("run-1", step));
        }
        CheckpointRef checkpoint = checkpoints.write(0.97f);
        checkpoints.promote(checkpoint, null);

        await(() -> text("#run").contains("150 of 300"));
        assertThat(text("#run")).contains("Training the head, epoch 2", "F1", "51.2");
        assertThat(element("#run polyline").getDomAttribute("points").split(" "))
                .hasSize(15);
        assertThat(text("#datasets")).contains("handbook", "1,234", "7", "sealed");
        await(() -> text("#model").contains(checkpoint.id().substring(0, 8)));
        await(() -> texts("#checkpoints .live").equals(List.of("live")));
        element("#ask button").click();
        await(() -> text("#answer").contains(checkpoint.id().substring(0, 8)));
        select("#count", "3");
        element("#ask button").click();
        await(() -> texts("#answer .alternatives li").size() == 3);
        takePictures();

        checkpoints.reject(checkpoints.write(0.96f), checkpoint, "f1 is 48.00 and was 50.00");
        await(() -> text("#checkpoints").contains("out: f1 is 48.00 and was 50.00"));
        assertThat(texts("#checkpoints tbody tr").get(0)).contains("rejected");

        browser.navigate().refresh();
        await(() -> text("#run").contains("150 of 300") && text("#datasets").contains("handbook"));
        element("#checkpoints button").click();
        await(() -> text("#model").contains("own head"));
        assertNothingWentWrong();
    }

    @Test
    void fitsANarrowScreenAndNamesItsFields() {
        browser.manage().window().setSize(new Dimension(500, 1000));
        Object overflow = browser.executeScript(
                "return document.documentElement.scrollWidth - document.documentElement.clientWidth");
        assertThat(overflow).isEqualTo(0L);
        choose("A passage of your own…");
        assertThat(browser.findElements(By.cssSelector("#ask input, #ask select, #ask textarea")))
                .hasSize(5)
                .allSatisfy(field -> assertThat(field.getAccessibleName()).isNotBlank());
    }

    private static void takePictures() throws IOException {
        for (String scheme : List.of("light", "dark")) {
            browser.executeCdpCommand(
                    "Emulation.setEmulatedMedia",
                    Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
            for (int width : new int[] {1280, 500}) {
                browser.manage().window().setSize(new Dimension(width, 1000));
                Path file = Path.of("target", "screenshots", scheme + "-" + width + ".png");
                Files.createDirectories(file.getParent());
                Files.write(file, browser.getScreenshotAs(OutputType.BYTES));
                assertThat(file).isNotEmptyFile();
            }
        }
    }

    private static DatasetEvent dataset() {
        return new DatasetEvent(
                "handbook",
                DatasetEvent.State.SEALED,
                List.of(new DatasetEvent.Source("samples/handbook-train.json", "squad", null, null, null)),
                null,
                0,
                1_241,
                Map.of("train", 1_000L, "validation", 234L),
                0,
                Map.of(0, 1_234L),
                7,
                0,
                null,
                Instant.now());
    }

    private static Progress done(String run, double loss) {
        return Progress.done(run, Map.of("validation_loss", loss, "f1", 51.2), Instant.now());
    }

    private static Progress baseline(String run, double loss) {
        return new Progress(
                run,
                Progress.Stage.BASELINE,
                1,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                Map.of("validation_loss", loss),
                Instant.now());
    }

    private static Progress training(String run, int step) {
        return new Progress(
                run,
                Progress.Stage.TRAINING,
                step / 300.0,
                1 + step / 100,
                (long) step,
                300L,
                1.2 + 2.4 * Math.exp(-step / 60.0) + 0.08 * Math.sin(step),
                1e-3,
                0.5,
                812.5,
                4_062.5,
                12.0,
                step % 100 == 0 ? Map.of("validation_loss", 1.6, "exact", 38.5, "f1", 51.2) : null,
                Instant.now());
    }

    private static void assertNothingWentWrong() {
        assertThat(browser.manage().logs().get(LogType.BROWSER))
                .extracting(LogEntry::getMessage)
                .isEmpty();
    }

    private static void choose(String option) {
        select("#sample", option);
    }

    private static void select(String selector, String option) {
        new Select(element(selector)).selectByVisibleText(option);
    }

    private static void ask(String question) {
        type("#question", question);
        element("#ask button").click();
    }

    /** Sets a field's value: chromedriver types no characters outside the basic plane. */
    private static void type(String selector, String text) {
        browser.executeScript(
                "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'))",
                element(selector),
                text);
    }

    private static WebElement element(String selector) {
        return browser.findElement(By.cssSelector(selector));
    }

    private static String text(String selector) {
        return element(selector).getText();
    }

    private static List<String> texts(String selector) {
        return browser.findElements(By.cssSelector(selector)).stream()
                .map(WebElement::getText)
                .toList();
    }

    private static void await(BooleanSupplier condition) {
        new WebDriverWait(browser, Duration.ofSeconds(20))
                .ignoring(NoSuchElementException.class)
                .ignoring(StaleElementReferenceException.class)
                .until(driver -> condition.getAsBoolean());
    }

    private static Optional<Path> program(String... names) {
        return Stream.of(names)
                .flatMap(name -> Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
