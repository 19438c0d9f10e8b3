<?php
// Makes a sandbox source, syncs ten postings, reads one graduate's
// recommendation. PHP 8, no extension.
// usage: php sync_and_match.php http://127.0.0.1:8080 GRADUATE

declare(strict_types=1);

if ($argc !== 3) {
    fwrite(STDERR, "usage: php sync_and_match.php http://127.0.0.1:8080 GRADUATE\n");
    exit(64);
}
[, $server, $graduate] = $argv;

/** The server's token, if it asks for one, as a header line. */
function token_header(): string
{
    $file = getenv('GRADMATCH_TOKEN_FILE');
    return $file ? 'Authorization: Bearer ' . trim(file_get_contents($file)) . "\r\n" : '';
}

/** Sends one request; tries again after 503, and after nothing else. */
function call(string $method, string $url, string $body, string $type): array
{
    for ($attempt = 1, $pause = 0.1; ; $attempt++, $pause = min(2.0, 2 * $pause)) {
        $context = stream_context_create(['http' => [
            'method' => $method,
            'header' => "Content-Type: $type\r\nX-Request-Timeout: 20s\r\n" . token_header(),
            'content' => $body,
            'ignore_errors' => true,
            'timeout' => 60,
        ]]);
        $text = file_get_contents($url, false, $context);
        if ($text === false) {
            fwrite(STDERR, "no answer from $url\n");
            exit(69);
        }
        $status = (int) explode(' ', $http_response_header[0])[1];
        if ($status !== 503 || $attempt === 4) {
            return [$status, $text];
        }
        usleep((int) (1e6 * $pause));
    }
}

function fail(string $text): void
{
    // google.rpc.Status: the message is for people, the reason for programs.
    $error = json_decode($text, true);
    fwrite(STDERR, ($error['message'] ?? $text) . "\n");
    exit(65);
}

$source = 'try-php';
[$status, $text] = call('POST', "$server/v1/sources?sourceId=$source", json_encode([
    'displayName' => 'PHP 试验',
    'kind' => 'KIND_SCHOOL',
    'sandbox' => true,
]), 'application/json');
if ($status !== 200 && $status !== 409) {  // 409: it is there already
    fail($text);
}

$rows = '';
for ($i = 1; $i <= 10; $i++) {
    $rows .= json_encode([
        'sourcePostingId' => (string) $i,
        'title' => '软件工程师',
        'employer' => ['name' => '武汉示例科技有限公司'],
        'locations' => [['region' => ['system' => 'region', 'code' => '420100']]],
        'education' => ['minLevel' => 'EDUCATION_LEVEL_BACHELOR'],
        'openings' => 2,
        'description' => '负责后端服务的开发与维护。',
    ], JSON_UNESCAPED_UNICODE) . "\n";
}
[$status, $text] = call(
    'POST',
    "$server/v1/sources/$source/postings:sync?expectedCount=10",
    $rows,
    'application/x-ndjson'
);
if ($status !== 200) {
    fail($text);
}
foreach (explode("\n", trim($text)) as $line) {
    $answer = json_decode($line, true);
    if (isset($answer['error']) && !isset($answer['rowNumber'])) {
        fail(json_encode($answer['error']));  // the stream as a whole
    }
    if (($answer['status'] ?? '') === 'STATUS_REJECTED') {
        echo "第 {$answer['rowNumber']} 行：{$answer['error']['message']}\n";
    }
    if (isset($answer['committed'])) {
        echo '同步：', json_encode($answer['committed']), "\n";
    }
}

[$status, $text] = call(
    'POST',
    "$server/v1/graduates/$graduate:matchPostings",
    json_encode(['pageSize' => 3]),
    'application/json'
);
if ($status !== 200) {
    fail($text);
}
foreach (json_decode($text, true)['matches'] ?? [] as $match) {
    $why = array_map(fn ($reason) => $reason['textZh'], $match['reasons']);
    echo "推荐：{$match['rank']} {$match['posting']['title']}（", implode('；', $why), "）\n";
}
