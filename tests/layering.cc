#include "tests/layering.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <optional>
#include <string_view>

namespace gradmatch {
namespace {

namespace fs = std::filesystem;

// Each layer may include itself and those before it: benchmarks drive the
// service with the client and the sample of tools.
constexpr std::array<std::string_view, 6> kLayers = {
    "proto", "index", "matcher", "server", "tools", "benchmarks"};

// Headers that start with `prefix` belong to files whose path starts with one
// of `allowed`; tests and benchmarks may use any library.
struct LibraryRule {
  std::string_view library;
  std::string_view prefix;
  std::vector<std::string_view> allowed;
};

const std::vector<LibraryRule>& LibraryRules() {
  static const auto* rules = new std::vector<LibraryRule>{
      {"Faiss", "faiss/", {"index/faiss_flat_index."}},
      {"OpenMP", "omp.h", {"index/faiss_flat_index."}},
      // Four pairs, since one would be past the lines allowed below; what
      // others include is index/rocksdb_store.h, free of RocksDB's types.
      {"RocksDB",
       "rocksdb/",
       {"index/rocksdb_engine.", "index/rocksdb_live_files.",
        "index/rocksdb_log_replay.", "index/rocksdb_purge.",
        "index/rocksdb_store.cc"}},
      {"RocksDB's types", "index/rocksdb_engine.h", {"index/rocksdb_"}},
      {"RocksDB's types", "index/rocksdb_live_files.h", {"index/rocksdb_"}},
      {"RocksDB's types", "index/rocksdb_log_replay.h", {"index/rocksdb_"}},
      {"RocksDB's types", "index/rocksdb_purge.h", {"index/rocksdb_"}},
      {"xxHash", "xxhash.h", {"index/content_hash."}},
      {"utf8proc", "utf8proc.h", {"matcher/text/unicode."}},
      {"gRPC", "grpcpp/", {"server/", "tools/"}},
      {"gRPC", "grpc/", {"server/", "tools/"}},
      {"absl flags", "absl/flags/", {"server/", "tools/"}},
      {"absl::Mutex", "absl/synchronization/", {}},
      {"yaml-cpp", "yaml-cpp/", {"server/yaml."}},
      {"libcsv", "csv.h", {"server/feed/csv_parser."}},
      {"simdjson", "simdjson", {"server/feed/json_row."}},
      {"zlib",
       "zlib.h",
       {"server/feed/gzip_file.", "server/http/gzip_unpacker."}},
      {"cpp-httplib", "httplib.h", {"server/http/http_listener."}},
      {"iconv", "iconv.h", {"server/feed/text_encoding."}},
      {"spdlog", "spdlog/", {"server/log."}},
      {"prometheus-cpp", "prometheus/", {"server/metrics/metrics."}},
      {"CLI11", "CLI/", {"tools/gradmatch/command_line."}},
      {"RE2", "re2/", {"matcher/screening/pattern_set."}},
      // Pseudonyms; what a data snapshot's files hash to; and TLS, in three
      // pairs: what certificates say, how a connection is made secure, and how
      // certificates for trials are made.
      {"OpenSSL",
       "openssl/",
       {"index/pseudonym.", "index/data_snapshot/sha256.",
        "server/tls/certificates.", "server/tls/tls_session.",
        "server/tls/trial_certificates."}},
      {"libsodium", "sodium", {"index/vault/sodium."}},
      {"libsystemd", "systemd/", {"server/systemd_notify."}},
      {"OpenBLAS", "cblas.h", {}},
  };
  return *rules;
}

struct Source {
  std::string path;  // from the root, with '/'
  std::vector<std::string> lines;
};

bool IsSource(const fs::path& path) {
  return path.extension() == ".h" || path.extension() == ".cc";
}

std::vector<Source> ReadSources(const fs::path& root) {
  std::vector<Source> sources;
  for (const std::string_view folder :
       {"index", "matcher", "server", "tools", "benchmarks", "tests"}) {
    if (!fs::exists(root / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (!entry.is_regular_file() || !IsSource(entry.path())) continue;
      Source source{entry.path().lexically_relative(root).generic_string(), {}};
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);) {
        source.lines.push_back(std::move(line));
      }
      sources.push_back(std::move(source));
    }
  }
  std::ranges::sort(sources, {}, &Source::path);
  return sources;
}

std::string_view FirstFolder(std::string_view path) {
  return path.substr(0, path.find('/'));
}

// The layer of an included header of ours; generated headers count as proto.
std::optional<std::string_view> LayerOf(std::string_view include) {
  if (include.starts_with("gradmatch/")) return "proto";
  const std::string_view folder = FirstFolder(include);
  if (folder == "tests") return folder;
  const auto* layer = std::ranges::find(kLayers, folder);
  if (layer == kLayers.end()) return std::nullopt;
  return *layer;
}

bool MayInclude(std::string_view from, std::string_view to) {
  if (from == "tests" || from == to) return true;
  if (to == "tests") return from == "benchmarks";  // for the fakes
  return std::ranges::find(kLayers, to) < std::ranges::find(kLayers, from);
}

// Cuts leading spaces and `word` off `text`; false if it does not begin so.
bool Consume(std::string_view word, std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

// a.h of the lines #include "a.h" and #include <a.h>.
std::optional<std::string> IncludeOf(std::string_view line) {
  if (!Consume("#", line) || !Consume("include", line)) return std::nullopt;
  const bool quoted = Consume("\"", line);
  if (!quoted && !Consume("<", line)) return std::nullopt;
  const size_t end = line.find(quoted ? '"' : '>');
  if (end == std::string_view::npos) return std::nullopt;
  return std::string(line.substr(0, end));
}

std::string At(const Source& source, size_t line) {
  return source.path + ":" + std::to_string(line + 1) + ": ";
}

void CheckInclude(const Source& source, size_t line, const std::string& include,
                  std::vector<std::string>& problems) {
  const std::string_view from = FirstFolder(source.path);
  const std::optional<std::string_view> to = LayerOf(include);
  if (to.has_value() && !MayInclude(from, *to)) {
    problems.push_back(At(source, line) + std::string(from) +
                       " may not include " + include +
                       "; the order is proto, index, matcher, server, "
                       "tools, benchmarks");
  }
  // Service stubs bring gRPC with them.
  if (to.has_value() && include.ends_with(".grpc.pb.h") &&
      (from == "index" || from == "matcher")) {
    problems.push_back(At(source, line) + std::string(from) +
                       " may not include the service stub " + include);
  }
  if (from == "tests" || from == "benchmarks") return;
  for (const LibraryRule& rule : LibraryRules()) {
    if (!include.starts_with(rule.prefix)) continue;
    const bool allowed =
        std::ranges::any_of(rule.allowed, [&](std::string_view prefix) {
          return source.path.starts_with(prefix);
        });
    if (allowed) continue;
    std::string where;
    for (const std::string_view prefix : rule.allowed) {
      where += (where.empty() ? "" : ", ") + std::string(prefix) + "*";
    }
    problems.push_back(At(source, line) + include + " (" +
                       std::string(rule.library) + ") belongs in " +
                       (where.empty() ? "no file" : where));
  }
}

void CheckWords(const Source& source, size_t line,
                std::vector<std::string>& problems) {
  if (source.path == "index/base/clock.h") return;
  const std::string_view from = FirstFolder(source.path);
  if (from != "index" && from != "matcher") return;
  const std::string_view text = source.lines[line];
  const std::string_view code = text.substr(0, text.find("//"));
  for (const std::string_view word : {"absl::Now(", "system_clock::now"}) {
    if (code.find(word) == std::string_view::npos) continue;
    problems.push_back(At(source, line) + std::string(word) +
                       " is not for here: take a Clock or the time");
  }
}

std::string GuardOf(const std::string& path) {
  std::string guard = "GRADMATCH_";
  for (const char c : path) {
    guard.push_back(std::isalnum(static_cast<unsigned char>(c))
                        ? static_cast<char>(std::toupper(c))
                        : '_');
  }
  return guard + "_";
}

void CheckShape(const Source& source, std::vector<std::string>& problems) {
  if (source.lines.size() > 500) {
    problems.push_back(source.path + ": " +
                       std::to_string(source.lines.size()) +
                       " lines; split it, at most 500 are allowed");
  }
  if (!source.path.ends_with(".h")) return;
  const std::string want = "#ifndef " + GuardOf(source.path);
  if (std::ranges::find(source.lines, want) == source.lines.end()) {
    problems.push_back(source.path + ": has no line \"" + want + "\"");
  }
}

}  // namespace

std::vector<std::string> FindLayeringProblems(const fs::path& root,
                                              int* files_seen) {
  std::vector<std::string> problems;
  const std::vector<Source> sources = ReadSources(root);
  if (files_seen != nullptr) *files_seen = static_cast<int>(sources.size());
  for (const Source& source : sources) {
    for (size_t line = 0; line < source.lines.size(); ++line) {
      if (const auto include = IncludeOf(source.lines[line])) {
        CheckInclude(source, line, *include, problems);
      }
      CheckWords(source, line, problems);
    }
    CheckShape(source, problems);
  }
  return problems;
}

}  // namespace gradmatch
