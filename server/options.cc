#include "server/options.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
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
#include "server/call_options.h"
#include "server/exposure.h"
#include "server/option_specs.h"
#include "server/upkeep_options.h"
#include "server/yaml.h"

namespace gradmatch {
namespace {

constexpr absl::string_view kPrefix = "GRADMATCH__";

std::string NotEmpty(const std::string& text) {
  return text.empty() ? "a path" : "";
}

std::string ListenAddress(const std::string& text) {
  if (IsListenAddress(text)) return "";
  return "an address and port, such as 127.0.0.1:50051 or [::1]:50051 (port 0: "
         "any free one)";
}

std::string ListenAddressOrNone(const std::string& text) {
  return text.empty() ? "" : ListenAddress(text);
}

std::string TrustDomain(const std::string& text) {
  if (IsTrustDomain(text)) return "";
  return "1 to 255 of a-z, 0-9, '.', '-' and '_', as in spiffe://NAME/...";
}

std::vector<OptionSpec> MakeTable() {
  using O = Options;
  const auto seconds = [](int n) { return absl::Seconds(n); };
  return {
      Text("server.grpc_listen", &O::server, &O::Server::grpc_listen,
           "Address and port of the gRPC listener; other than loopback only "
           "with TLS (tls.*) and identities (auth.mode).",
           ListenAddress),
      Text("server.http_listen", &O::server, &O::Server::http_listen,
           "Address and port of HTTP/JSON, health and metrics; other than "
           "loopback only with TLS (tls.*) and identities (auth.mode); empty: "
           "none.",
           ListenAddressOrNone),
      Int("server.http_threads", &O::server, &O::Server::http_threads, 2, 1'024,
          "Threads that read and answer HTTP requests; idle connections need "
          "none, a stream holds one, and half of them may hold streams."),
      Int("server.http_connections", &O::server, &O::Server::http_connections,
          1, 100'000, "HTTP connections at a time; more are closed at once."),
      Span("server.http_idle", &O::server, &O::Server::http_idle,
           absl::Milliseconds(10), seconds(3'600),
           "Time without a request after which an HTTP connection is closed."),
      Text(
          "server.http_hosts", &O::server, &O::Server::http_hosts,
          "Names, separated by blanks, by which HTTP is asked besides those of "
          "this machine, such as a proxy's: without identities, requests for "
          "other hosts are refused, since a web page may send them.",
          AnyText),
      Bool("server.core_dumps", &O::server, &O::Server::core_dumps,
           "Whether a crash may leave a core file, in which keys and records "
           "would lie."),
      Text("server.port_file", &O::server, &O::Server::port_file,
           "File that gets the ports in use once the listeners are open: "
           "gRPC's, then HTTP's, a line each; empty: none.",
           AnyText),
      Span("server.watchdog_interval", &O::server,
           &O::Server::watchdog_interval, seconds(0), seconds(600),
           "How often the server tries its own listeners; without an answer "
           "three times running the process ends with 71. 0s: never."),
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
      Int("storage.block_writes_at_percent", &O::storage,
          &O::Storage::block_writes_at_percent, 1, 100,
          "Percent of the disk in use at which writes that make the data grow "
          "are refused; reads, erasures and what people decide go on, so the "
          "rest of the disk is to hold these."),
      Int("storage.allow_writes_at_percent", &O::storage,
          &O::Storage::allow_writes_at_percent, 1, 100,
          "Percent of the disk in use at which they are taken again; not above "
          "storage.block_writes_at_percent."),
      Span("storage.disk_check_interval", &O::storage,
           &O::Storage::disk_check_interval, absl::Milliseconds(10),
           seconds(600), "Time between two looks at the space on the disk."),
      Span("storage.verify_interval", &O::storage, &O::Storage::verify_interval,
           seconds(1), absl::Hours(24 * 365),
           "Time after which every table is read to its end again, so that "
           "damage is found while there is a backup without it."),
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
      Text(
          "tls.certificate_file", &O::tls, &O::Tls::certificate_file,
          "Certificate of the listeners and those that sign it, PEM; empty: no "
          "TLS. A path may begin with $CREDENTIALS_DIRECTORY/ (systemd).",
          AnyText),
      Text("tls.key_file", &O::tls, &O::Tls::key_file,
           "Private key of the certificate, PEM, readable by its owner only. A "
           "path may begin with $CREDENTIALS_DIRECTORY/ (systemd).",
           AnyText),
      Text("tls.client_ca_file", &O::tls, &O::Tls::client_ca_file,
           "Certificates that may sign those of callers, PEM; empty: callers "
           "are "
           "not asked for one.",
           AnyText),
      Text(
          "tls.client_certificates", &O::tls, &O::Tls::client_certificates,
          "Whether callers must show a certificate: require, request (verified "
          "where shown), or auto: require when auth.mode is mtls, else "
          "request.",
          OneOf({"auto", "request", "require"})),
      Span("tls.reload_interval", &O::tls, &O::Tls::reload_interval,
           absl::Milliseconds(10), absl::Hours(24),
           "How often the files of tls.* are looked at; changed ones are in "
           "force for new connections (SIGHUP: at once);"),
      Span("tls.handshake_timeout", &O::tls, &O::Tls::handshake_timeout,
           absl::Milliseconds(10), seconds(60),
           "Time to make a connection secure, after which it is closed;"),
      Text("auth.mode", &O::auth, &O::Auth::mode,
           "How callers prove who they are: none (everybody on this machine "
           "may do everything), tokens (bearer tokens), mtls (client "
           "certificates), both (either; together they must agree).",
           OneOf({"none", "tokens", "mtls", "both"})),
      Text("auth.trust_domain", &O::auth, &O::Auth::trust_domain,
           "Name of this service's callers in their certificates: "
           "spiffe://NAME/ROLE or spiffe://NAME/ROLE/TENANT.",
           TrustDomain),
      Text("auth.bootstrap_file", &O::auth, &O::Auth::bootstrap_file,
           "File, readable by its owner only, that gets a new operator's token "
           "at a start with tokens at which no operator's token works; empty: "
           "the data folder's name with .operator-token behind it.",
           AnyText),
      Int("auth.failures_per_minute", &O::auth, &O::Auth::failures_per_minute,
          0, 1'000'000,
          "Calls of one address a minute whose token does not work; more are "
          "turned away unread. 0: any number."),
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
    for (OptionSpec& spec : CallOptions()) specs.push_back(std::move(spec));
    for (OptionSpec& spec : UpkeepOptions()) specs.push_back(std::move(spec));
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
  explicit Loading(std::string credentials_directory)
      : credentials_directory_(std::move(credentials_directory)) {
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
    const std::optional<std::string> expanded = Expand(text);
    if (!expanded.has_value()) {
      return Refuse(where, name, text,
                    "a path; $CREDENTIALS_DIRECTORY is set by systemd only, "
                    "for a unit with LoadCredential=");
    }
    const std::string allowed = spec->parse(loaded_.options, *expanded);
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

  // What is not safe together, said of the option that is to change.
  absl::Status CheckTogether() const {
    const std::optional<UnsafeOption> unsafe = FindUnsafe(loaded_.options);
    if (!unsafe.has_value()) return absl::OkStatus();
    const auto value = std::find_if(
        loaded_.values.begin(), loaded_.values.end(),
        [&](const OptionValue& v) { return v.name == unsafe->name; });
    return Refuse(
        value->origin_detail.empty() ? "default" : value->origin_detail,
        unsafe->name, unsafe->value, unsafe->allowed);
  }

  LoadedOptions Finish() && {
    for (size_t i = 0; i < Table().size(); ++i) {
      loaded_.values[i].value = Table()[i].print(loaded_.options);
    }
    return std::move(loaded_);
  }

 private:
  // Nullopt: there is no such folder.
  std::optional<std::string> Expand(const std::string& text) const {
    for (const absl::string_view prefix :
         {"$CREDENTIALS_DIRECTORY/", "${CREDENTIALS_DIRECTORY}/"}) {
      if (!absl::StartsWith(text, prefix)) continue;
      if (credentials_directory_.empty()) return std::nullopt;
      return absl::StrCat(credentials_directory_, "/",
                          text.substr(prefix.size()));
    }
    return text;
  }

  const std::string credentials_directory_;
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
  Loading loading(sources.credentials_directory);
  absl::Status status = SetAll(sources, loading);
  if (status.ok()) status = loading.CheckTogether();
  if (!status.ok()) return status;
  LoadedOptions loaded = std::move(loading).Finish();
  const Options::Storage& storage = loaded.options.storage;
  if (storage.allow_writes_at_percent > storage.block_writes_at_percent) {
    return Refuse("with storage.block_writes_at_percent",
                  "storage.allow_writes_at_percent",
                  absl::StrCat(storage.allow_writes_at_percent),
                  absl::StrCat("at most ", storage.block_writes_at_percent));
  }
  return loaded;
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
  if (const char* folder = std::getenv("CREDENTIALS_DIRECTORY")) {
    sources.credentials_directory = folder;
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
