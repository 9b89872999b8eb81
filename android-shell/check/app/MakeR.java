import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Writes the class R for the resources of an app's source sets, and checks that every reference between them leads somewhere. */
public final class MakeR {
    private static final Pattern NAMED = Pattern.compile("<(string|color|style|dimen|bool|integer)\\s+name=\"([\\w.]+)\"");
    private static final Pattern REFERENCE = Pattern.compile("\"@(string|color|style|dimen|bool|integer|xml|drawable|mipmap)/([\\w.]+)\"");

    public static void main(String[] arguments) throws IOException {
        Path out = Path.of(arguments[0], "org", "latchkey", "app");
        List<Path> sets = Stream.of(arguments).skip(1).map(Path::of).toList();

        Map<String, TreeSet<String>> resources = new TreeMap<>();
        List<Path> files = new ArrayList<>();
        for (Path set : sets) {
            try (Stream<Path> walk = Files.walk(set.resolve("res"))) {
                walk.filter(Files::isRegularFile).sorted().forEach(files::add);
            }
        }
        for (Path file : files) {
            String kind = file.getParent().getFileName().toString().replaceFirst("-.*", "");
            if (kind.equals("values")) {
                var named = NAMED.matcher(Files.readString(file));
                while (named.find()) {
                    add(resources, named.group(1), named.group(2).replace('.', '_'));
                }
            } else {
                add(resources, kind, file.getFileName().toString().replaceFirst("\\..*", ""));
            }
        }

        boolean dangling = false;
        for (Path file : Stream.concat(sets.stream().map(set -> set.resolve("AndroidManifest.xml")), files.stream()).toList()) {
            if (!file.toString().endsWith(".xml")) {
                continue;
            }
            var reference = REFERENCE.matcher(Files.readString(file));
            while (reference.find()) {
                String name = reference.group(2).replace('.', '_');
                if (!resources.getOrDefault(reference.group(1), new TreeSet<>()).contains(name)) {
                    System.err.println(file + ": nothing is called " + reference.group());
                    dangling = true;
                }
            }
        }
        if (dangling) {
            System.exit(1);
        }

        StringBuilder text = new StringBuilder("package org.latchkey.app;\n\npublic final class R {\n");
        int id = 0x7f010000;
        for (var kind : resources.entrySet()) {
            text.append("    public static final class ").append(kind.getKey()).append(" {\n");
            for (String name : kind.getValue()) {
                text.append(String.format("        public static final int %s = 0x%08x;%n", name, id++));
            }
            text.append("    }\n");
            id = (id & 0xffff0000) + 0x10000;
        }
        Files.createDirectories(out);
        Files.writeString(out.resolve("R.java"), text.append("}\n"));
    }

    private static void add(Map<String, TreeSet<String>> resources, String kind, String name) {
        resources.computeIfAbsent(kind, any -> new TreeSet<>()).add(name);
    }
}
