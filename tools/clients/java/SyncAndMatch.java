// Makes a sandbox source, syncs ten postings, reads one graduate's
// recommendation. JDK 17, no other library.
// usage: java SyncAndMatch.java http://127.0.0.1:8080 GRADUATE

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

public class SyncAndMatch {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  // Tries again after 503, and after nothing else.
  private static HttpResponse<String> post(String url, String type, String body)
      throws Exception {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(url))
            .header("Content-Type", type)
            .header("X-Request-Timeout", "20s")
            .timeout(Duration.ofSeconds(60))
            .POST(HttpRequest.BodyPublishers.ofString(body));
    // The server's token, if it asks for one.
    String file = System.getenv("GRADMATCH_TOKEN_FILE");
    if (file != null) {
      builder.header("Authorization", "Bearer " + Files.readString(Path.of(file)).strip());
    }
    HttpRequest request = builder.build();
    long pause = 100;
    for (int attempt = 1; ; attempt++, pause = Math.min(2000, 2 * pause)) {
      HttpResponse<String> response =
          CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 503 || attempt == 4) {
        return response;
      }
      Thread.sleep(pause);
    }
  }

  private static String require(HttpResponse<String> response) {
    if (response.statusCode() != 200) {
      // google.rpc.Status: its message is for people, its reason for programs.
      System.err.println(response.body());
      System.exit(65);
    }
    return response.body();
  }

  public static void main(String[] args) throws Exception {
    if (args.length != 2) {
      System.err.println("usage: java SyncAndMatch.java http://127.0.0.1:8080 GRADUATE");
      System.exit(64);
    }
    String server = args[0];
    String graduate = args[1];
    String source = "try-java";

    HttpResponse<String> created =
        post(
            server + "/v1/sources?sourceId=" + source,
            "application/json",
            """
            {"displayName": "Java 试验", "kind": "KIND_SCHOOL", "sandbox": true}
            """);
    if (created.statusCode() != 409) { // 409: it is there already
      require(created);
    }

    StringBuilder rows = new StringBuilder();
    for (int i = 1; i <= 10; i++) {
      rows.append(
          """
          {"sourcePostingId": "%d", "title": "软件工程师", \
          "employer": {"name": "武汉示例科技有限公司"}, \
          "locations": [{"region": {"system": "region", "code": "420100"}}], \
          "education": {"minLevel": "EDUCATION_LEVEL_BACHELOR"}, "openings": 2, \
          "description": "负责后端服务的开发与维护。"}
          """
              .formatted(i));
    }
    String results =
        require(
            post(
                server + "/v1/sources/" + source + "/postings:sync?expectedCount=10",
                "application/x-ndjson",
                rows.toString()));
    // A line for each row, then {"committed": counts}; a real client reads them
    // with its JSON library.
    System.out.println("同步：");
    System.out.print(results);
    if (!results.contains("{\"committed\":")) {
      System.exit(65);
    }

    System.out.println("推荐：");
    System.out.print(
        require(
            post(
                server + "/v1/graduates/" + graduate + ":matchPostings",
                "application/json",
                "{\"pageSize\": 3}")));
  }
}
