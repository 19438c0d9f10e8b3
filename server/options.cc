#include "server/options.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "server/yaml.h"

namespace gradmatch {
namespace {

constexpr absl::string_view kPrefix = "GRADMATCH__";

// One line of the table. `parse` sets the option from text and returns what is
// allowed when the text is refused; empty when it was taken.
struct OptionSpec {
  std::string name;
  std::string help;
  std::function<std::string(Options&, const std::string&)> parse;
  std::function<std::string(const Options&)> print;
};

template <typename Section>
OptionSpec Int(std::string name, Section Options::*section, int Section::*field,
               int least, int most, std::string help) {
  OptionSpec spec;
  spec.name = std::move(name);
  spec.help = absl::StrCat(help, " A whole number, ", least, " to ", most, ".");
  spec.parse = [=](Options& options, const std::string& text) -> std::string {
    int value = 0;
    if (!absl::SimpleAtoi(text, &value) || value < least || value > most) {
      return absl::StrCat("a whole number from ", least, " to ", most);
    }
    options.*section.*field = value;
    return "";
  };
  spec.print = [=](const Options& options) {
    return absl::StrCat(options.*section.*field);
  };
  return spec;
}

// A whole number that is a multiple of `step` as well.
OptionSpec MultipleOf(int step, OptionSpec spec) {
  spec.parse = [step, parse = std::move(spec.parse)](
                   Options& options, const std::string& text) -> std::string {
    int value = 0;
    if (absl::SimpleAtoi(text, &value) && value % step != 0) {
      return absl::StrCat("a multiple of ", step);
    }
    return parse(options, text);
  };
  return spec;
}

template <typename Section>
OptionSpec Bool(std::string name, Section Options::*section,
                bool Section::*field, std::string help) {
  OptionSpec spec;
  spec.name = std::move(name);
  spec.help = absl::StrCat(help, " true or false.");
  spec.parse = [=](Options& options, const std::string& text) -> std::string {
    if (text != "true" && text != "false") return "true or false";
    options.*section.*field = text == "true";
    return "";
  };
  spec.print = [=](const Options& options) {
    return std::string(options.*section.*field ? "true" : "false");
  };
  return spec;
}

template <typename Section>
OptionSpec Span(std::string name, Section Options::*section,
                absl::Duration Section::*field, absl::Duration least,
                absl::Duration most, std::string help) {
  const std::string allowed =
      absl::StrCat("a duration from ", absl::FormatDuration(least), " to ",
                   absl::FormatDuration(most), ", such as 30s, 500ms or 2h");
  OptionSpec spec;
  spec.name = std::move(name);
  spec.help = absl::StrCat(help, " ", allowed, ".");
  spec.parse = [=](Options& options, const std::string& text) -> std::string {
    absl::Duration value;
    if (!absl::ParseDuration(text, &value) || value < least || value > most) {
      return allowed;
    }
    options.*section.*field = value;
    return "";
  };
  spec.print = [=](const Options& options) {
    return absl::FormatDuration(options.*section.*field);
  };
  return spec;
}

// `check` returns what is allowed when it refuses.
template <typename Section>
OptionSpec Text(std::string name, Section Options::*section,
                std::string Section::*field, std::string help,
                std::function<std::string(const std::string&)> check) {
  OptionSpec spec;
  spec.name = std::move(name);
  spec.help = std::move(help);
  spec.parse = [=](Options& options, const std::string& text) -> std::string {
    std::string refused = check(text);
    if (refused.empty()) options.*section.*field = text;
    return refused;
  };
  spec.print = [=](const Options& options) { return options.*section.*field; };
  return spec;
}

std::function<std::string(const std::string&)> OneOf(
    std::vector<std::string> words) {
  return [words](const std::string& text) -> std::string {
    if (std::find(words.begin(), words.end(), text) != words.end()) return "";
    std::string allowed = "one of";
    for (const std::string& word : words) {
      absl::StrAppend(&allowed, " ", word);
    }
    return allowed;
  };
}

std::string NotEmpty(const std::string& text) {
  return text.empty() ? "a path" : "";
}

std::string AnyText(const std::string&) { return ""; }

// Until connections can be protected, only this machine may connect.
std::string LoopbackOnly(const std::string& text) {
  const size_t colon = text.rfind(':');
  int port = -1;
  if (colon != std::string::npos &&
      absl::SimpleAtoi(text.substr(colon + 1), &port) && port >= 0 &&
      port <= 65'535) {
    const std::string host = text.substr(0, colon);
    const bool ipv4 =
        absl::StartsWith(host, "127.") &&
        std::count(host.begin(), host.end(), '.') == 3 &&
        host.find_first_not_of("0123456789.") == std::string::npos;
    if (ipv4 || host == "localhost" || host == "[::1]") return "";
  }
  return "a loopback address and port, such as 127.0.0.1:50051 (port 0: any "
         "free one); other addresses are refused until the server can protect "
         "connections with TLS, so let a proxy on this machine face the "
         "network";
}

std::string LoopbackOrNone(const std::string& text) {
  return text.empty() ? "" : LoopbackOnly(text);
}

std::vector<OptionSpec> MakeTable() {
  using O = Options;
  const auto seconds = [](int n) { return absl::Seconds(n); };
  return {
      Text("server.grpc_listen", &O::server, &O::Server::grpc_listen,
           "Address and port of the gRPC listener; loopback only.",
           LoopbackOnly),
      Text("server.http_listen", &O::server, &O::Server::http_listen,
           "Address and port of HTTP/JSON, health and metrics; loopback only; "
           "empty: none.",
           LoopbackOrNone),
      Int("server.http_threads", &O::server, &O::Server::http_threads, 2, 1'024,
          "Threads that read and answer HTTP requests; idle connections need "
          "none, a stream holds one, and half of them may hold streams."),
      Int("server.http_connections", &O::server, &O::Server::http_connections,
          1, 100'000, "HTTP connections at a time; more are closed at once."),
      Span("server.http_idle", &O::server, &O::Server::http_idle,
           absl::Milliseconds(10), seconds(3'600),
           "Time without a request after which an HTTP connection is closed."),
      Text("server.port_file", &O::server, &O::Server::port_file,
           "File that gets the ports in use once the listeners are open: "
           "gRPC's, then HTTP's, a line each; empty: none.",
           AnyText),
      Int("server.workers", &O::server, &O::Server::workers, 0, 1'024,
          "Threads for calls that read, and as many for those that write; 0: "
          "one "
          "a core."),
      Int("server.ingest_workers", &O::server, &O::Server::ingest_workers, 0,
          1'024, "Threads for the batches of syncs; 0: one a core."),
      Int("server.max_queued", &O::server, &O::Server::max_queued, 1, 1'000'000,
          "Calls that may wait for a thread; more are refused."),
      Int("server.max_in_flight", &O::server, &O::Server::max_in_flight, 1,
          1'000'000, "Calls under way at a time; more are refused."),
      Int("server.max_in_flight_mb", &O::server, &O::Server::max_in_flight_mb,
          1, 1'000'000, "MiB of requests under way at a time."),
      Int("server.max_message_mb", &O::server, &O::Server::max_message_mb, 1,
          64, "Largest message in MiB."),
      Span("server.drain_notice", &O::server, &O::Server::drain_notice,
           seconds(0), seconds(60),
           "After a signal, how long callers are told to go elsewhere before "
           "connections close."),
      Span("server.drain_timeout", &O::server, &O::Server::drain_timeout,
           seconds(0), seconds(600),
           "Time for calls under way after a signal to end."),
      Span("server.stream_idle", &O::server, &O::Server::stream_idle,
           absl::Milliseconds(10), seconds(3'600),
           "Silence after which a stream is ended."),
      Bool("server.reflection", &O::server, &O::Server::reflection,
           "Whether the API can be asked for its own description."),
      Text("storage.data_dir", &O::storage, &O::Storage::data_dir,
           "Folder of the data; made when missing.", NotEmpty),
      Int("storage.block_cache_mb", &O::storage, &O::Storage::block_cache_mb, 1,
          1'000'000, "MiB of blocks kept in memory."),
      Int("storage.write_buffer_mb", &O::storage, &O::Storage::write_buffer_mb,
          8, 100'000,
          "MiB of writes kept in memory; about as much log is replayed at a "
          "start."),
      Int("storage.max_open_files", &O::storage, &O::Storage::max_open_files,
          64, 1'000'000, "Files the store keeps open."),
      Bool("storage.plain_tables", &O::storage, &O::Storage::plain_tables,
           "Tables without compression and with every key in full, about twice "
           "the size, so that their bytes can be searched."),
      Int("ingest.batch_rows", &O::ingest, &O::Ingest::batch_rows, 1, 4'096,
          "Rows of a sync that are written together."),
      Int("ingest.batch_kb", &O::ingest, &O::Ingest::batch_kb, 1, 65'536,
          "KiB of rows of a sync that are written together."),
      Span("ingest.default_life", &O::ingest, &O::Ingest::default_life,
           absl::Hours(24), absl::Hours(24 * 3'650),
           "Life of a posting that names no expiry, from its receipt."),
      Int("match.candidates", &O::match, &O::Match::candidates, 10, 100'000,
          "Postings retrieved by similarity, and as many by function."),
      Int("match.max_ranked", &O::match, &O::Match::max_ranked, 10, 100'000,
          "Longest ranked list; pages lie within it."),
      Int("match.max_per_employer", &O::match, &O::Match::max_per_employer, 0,
          1'000, "Postings of one employer in a page of ten; 0: any number."),
      Int("match.min_group", &O::match, &O::Match::min_group, 10, 10'000,
          "Least number of graduates who fit for MatchGraduates to show any."),
      Int("match.graduates_daily_budget", &O::match,
          &O::Match::graduates_daily_budget, 0, 100'000'000,
          "Graduates that MatchGraduates shows on one day in China."),
      Int("match.load_threads", &O::match, &O::Match::load_threads, 1, 256,
          "Threads that load the records at a start."),
      Int("push.threads", &O::push, &O::Push::threads, 0, 256,
          "Threads of a push run; 0: one a core."),
      Span("privacy.purge_interval", &O::privacy, &O::Privacy::purge_interval,
           absl::Minutes(1), absl::Hours(30 * 24),
           "Longest time until an erased graduate is in no file any more, when "
           "the erasure did not ask for that at once;"),
      Text("privacy.seal_key_file", &O::privacy, &O::Privacy::seal_key_file,
           "File of the keys that seal hardship and disability, outside the "
           "data folder and readable by its owner only (`gradmatch seal-key "
           "new` makes it); empty: such flags are neither taken nor read.",
           AnyText),
      Text("encoder.kind", &O::encoder, &O::Encoder::kind,
           "What makes the embeddings: hash.", OneOf({"hash"})),
      MultipleOf(
          32, Int("encoder.dimension", &O::encoder, &O::Encoder::dimension, 32,
                  4'096, "Length of an embedding, a multiple of 32.")),
      Text("log.level", &O::log, &O::Log::level,
           "Least level that is logged: debug, info, warning or error.",
           OneOf({"debug", "info", "warning", "error"})),
      Text("log.format", &O::log, &O::Log::format,
           "json, text, or auto: text when standard error is a terminal.",
           OneOf({"auto", "json", "text"})),
  };
}

const std::vector<OptionSpec>& Table() {
  static const auto& table = *new std::vector<OptionSpec>([] {
    std::vector<OptionSpec> specs = MakeTable();
    std::sort(specs.begin(), specs.end(),
              [](const OptionSpec& a, const OptionSpec& b) {
                return a.name < b.name;
              });
    return specs;
  }());
  return table;
}

// Edits (insert, remove, replace) that turn one name into the other.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replace = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replace, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::string NearestName(std::string_view name) {
  return std::min_element(Table().begin(), Table().end(),
                          [name](const OptionSpec& a, const OptionSpec& b) {
                            return EditDistance(a.name, name) <
                                   EditDistance(b.name, name);
                          })
      ->name;
}

absl::Status Refuse(std::string_view where, std::string_view name,
                    std::string_view value, std::string_view allowed,
                    std::string_view nearest = "") {
  std::string message = absl::StrCat("option ", A(name), " (", A(where), "): ");
  if (nearest.empty()) {
    absl::StrAppend(&message, "\"", A(value), "\" is not usable; allowed is ",
                    A(allowed));
  } else {
    absl::StrAppend(&message, "there is no such option; the nearest is ",
                    A(nearest), "; `gradmatch config show` lists all");
  }
  return MakeError(absl::StatusCode::kInvalidArgument, kFieldInvalid, message,
                   {{"field", std::string(name)},
                    {"value", std::string(value)},
                    {"allowed", std::string(allowed)},
                    {"nearest", std::string(nearest)}});
}

// The options and where each comes from, while the sources are read in order.
class Loading {
 public:
  Loading() {
    for (const OptionSpec& spec : Table()) {
      OptionValue value;
      value.name = spec.name;
      value.help = spec.help;
      value.default_value = spec.print(loaded_.options);
      loaded_.values.push_back(std::move(value));
    }
  }

  absl::Status Set(std::string_view name, const std::string& text,
                   OptionOrigin origin, const std::string& where) {
    const auto spec =
        std::find_if(Table().begin(), Table().end(),
                     [name](const OptionSpec& s) { return s.name == name; });
    if (spec == Table().end()) {
      return Refuse(where, name, text, "", NearestName(name));
    }
    const std::string allowed = spec->parse(loaded_.options, text);
    if (!allowed.empty()) return Refuse(where, name, text, allowed);
    OptionValue& value = loaded_.values[spec - Table().begin()];
    value.origin = origin;
    value.origin_detail = where;
    return absl::OkStatus();
  }

  // Sections are maps; what is below them are options.
  absl::Status SetFromYaml(const YamlNode& node, const std::string& name,
                           const std::string& path) {
    const std::string where = absl::StrCat(path, ":", node.line);
    switch (node.kind) {
      case YamlNode::Kind::kNull:
        return absl::OkStatus();
      case YamlNode::Kind::kScalar:
        return Set(name, node.scalar, OptionOrigin::kFile, where);
      case YamlNode::Kind::kList:
        return Refuse(where, name, "a list", "one value");
      case YamlNode::Kind::kMap:
        break;
    }
    for (const auto& [key, child] : node.entries) {
      absl::Status status = SetFromYaml(
          child, name.empty() ? key : absl::StrCat(name, ".", key), path);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  LoadedOptions Finish() && {
    for (size_t i = 0; i < Table().size(); ++i) {
      loaded_.values[i].value = Table()[i].print(loaded_.options);
    }
    return std::move(loaded_);
  }

 private:
  LoadedOptions loaded_;
};

absl::Status SetAll(const OptionSources& sources, Loading& loading) {
  if (sources.file_text.has_value()) {
    const absl::StatusOr<YamlNode> root = ParseYaml(*sources.file_text);
    if (!root.ok()) {
      return Refuse(sources.file_path, "(file)", S(root.status().message()),
                    "YAML such as `server: {grpc_listen: 127.0.0.1:50051}`");
    }
    absl::Status status = loading.SetFromYaml(*root, "", sources.file_path);
    if (!status.ok()) return status;
  }
  for (const auto& [variable, value] : sources.environment) {
    if (!absl::StartsWith(variable, kPrefix)) continue;
    const std::string name = absl::StrReplaceAll(
        absl::AsciiStrToLower(variable.substr(kPrefix.size())), {{"__", "."}});
    absl::Status status =
        loading.Set(name, value, OptionOrigin::kEnvironment, variable);
    if (!status.ok()) return status;
  }
  for (const OptionSources::Flag& flag : sources.flags) {
    absl::Status status =
        loading.Set(flag.name, flag.value, OptionOrigin::kFlag, flag.given_as);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LoadedOptions> LoadOptions(const OptionSources& sources) {
  Loading loading;
  absl::Status status = SetAll(sources, loading);
  if (!status.ok()) return status;
  return std::move(loading).Finish();
}

absl::StatusOr<OptionSources> ReadOptionSources(
    const std::string& config_path) {
  OptionSources sources;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(*variable, absl::MaxSplits('=', 1));
    if (absl::StartsWith(parts.first, kPrefix)) {
      sources.environment.push_back(parts);
    }
  }
  if (config_path.empty()) return sources;
  std::ifstream in(config_path, std::ios::binary);
  // peek notices a folder. Copying rdbuf() would call an empty file an error.
  in.peek();
  if (!in.is_open() || in.bad()) {
    return absl::NotFoundError(
        absl::StrCat("configuration file ", config_path,
                     " cannot be read; check the path and its permissions"));
  }
  sources.file_path = config_path;
  sources.file_text.emplace(std::istreambuf_iterator<char>(in),
                            std::istreambuf_iterator<char>());
  return sources;
}

}  // namespace gradmatch
