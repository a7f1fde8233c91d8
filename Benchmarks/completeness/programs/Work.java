// Collections, strings, sorting, streams and recursion, for as many rounds as the argument says.
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

public class Work {
    static int fibonacci(int n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

    static int deep(int n) { return n == 0 ? fibonacci(10) : deep(n - 1) + 1; }

    static int round(int seed) {
        var words = IntStream.range(0, 500).mapToObj(i -> "word" + (i * 7919 + seed) % 509).collect(Collectors.toList());
        Map<String, Integer> counts = new HashMap<>();
        for (var word : words) counts.merge(word, 1, Integer::sum);
        words.sort((a, b) -> b.compareTo(a));
        return counts.size() + deep(100) + String.join(",", words).replaceAll("word(\\d)", "$1").length();
    }

    public static void main(String[] arguments) {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100;
        long sum = 0;
        for (int seed = 0; seed < rounds; seed++) sum += round(seed);
        System.out.println(sum);
    }
}
