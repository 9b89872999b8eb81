import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Takes the samples in Kotlin out of a guide, each into a file of its own, so that they are compiled. */
public final class Samples {
    private static final Pattern SAMPLE = Pattern.compile("(?ms)^```kotlin\\n(.*?)^```$");

    public static void main(String[] arguments) throws IOException {
        Path out = Files.createDirectories(Path.of(arguments[1]));
        var sample = SAMPLE.matcher(Files.readString(Path.of(arguments[0])));
        int number = 0;
        while (sample.find()) {
            number++;
            Files.writeString(out.resolve("Sample" + number + ".kt"), "package guide\n\n" + sample.group(1));
        }
        if (number == 0) {
            System.err.println(arguments[0] + ": no sample");
            System.exit(1);
        }
    }
}
