// Java's HttpClient, with three attempts. Java compiles and runs it as it is.
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

class WithHttpClient {
    static final String BUG = System.getenv().getOrDefault("CLIENT_BUG", "");
    static final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    static final Pattern TASK = Pattern.compile("\"task\": ?(\\d+)");
    static final Pattern URL = Pattern.compile("\"url\": ?\"([^\"]*)\"");

    record Seen(int status, String kind, byte[] body) {
        String report() throws Exception {
            if (kind != null) return "\"class\": \"" + kind + "\"";
            if (body == null) return "\"status\": " + status;
            String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
            return "\"status\": %d, \"bytes\": %d, \"digest\": \"sha256:%s\"".formatted(status, body.length, digest);
        }
    }

    static Seen attempt(String url) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(30)).build();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        HttpResponse<InputStream> head = null;
        try {
            head = client.send(request, BodyHandlers.ofInputStream());
            try (InputStream in = head.body()) {
                for (byte[] part = new byte[512]; ; ) {
                    int n = in.read(part);
                    if (n < 0) break;
                    body.write(part, 0, n);
                }
            }
            return new Seen(head.statusCode(), null, head.statusCode() < 400 ? body.toByteArray() : null);
        } catch (HttpTimeoutException e) {
            return new Seen(0, "timeout", null);
        } catch (ConnectException e) {
            return new Seen(0, "refused", null);
        } catch (IOException e) {
            if (head == null) return new Seen(0, "reset", null);
            if (BUG.equals("truncated")) return new Seen(200, null, body.toByteArray());
            return new Seen(0, "truncated", null);
        }
    }

    static boolean again(Seen seen) {
        if (seen.status == 400) return BUG.equals("retries");
        return "truncated".equals(seen.kind) || seen.status >= 500;
    }

    static Seen get(String url) throws InterruptedException {
        Seen seen = attempt(url);
        for (int n = 1; n < 3 && again(seen); n++) seen = attempt(url);
        return BUG.equals("swallows") && seen.status == 503 ? new Seen(200, null, null) : seen;
    }

    static String in(Pattern pattern, String line) {
        Matcher found = pattern.matcher(line);
        if (!found.find()) throw new IllegalArgumentException(line);
        return found.group(1);
    }

    public static void main(String[] args) throws Exception {
        var pool = Executors.newFixedThreadPool(4);
        var lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = lines.readLine()) != null; ) {
            String task = in(TASK, line), url = in(URL, line);
            pool.submit(() -> {
                System.out.println("{\"task\": " + task + ", " + get(url).report() + "}");
                return null;
            });
        }
        pool.shutdown();
    }
}
