#ifndef GRADMATCH_SERVER_OPTIONS_H_
#define GRADMATCH_SERVER_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace gradmatch {

// Every option of the server, by component. Defaults, units, bounds and help
// are in one table in options.cc, which is also what `config show` prints.
struct Options {
  struct Server {
    std::string grpc_listen = "127.0.0.1:50051";
    std::string http_listen = "127.0.0.1:8080";
    std::string port_file;
    int workers = 0;
    int ingest_workers = 2;
    int max_queued = 1'024;
    int max_in_flight = 256;
    int max_in_flight_mb = 128;
    int max_streams = 256;
    int tenant_in_flight = 128;
    int tenant_in_flight_mb = 64;
    int tenant_streams = 64;
    int tenant_queued = 512;
    int tenant_calls_per_second = 0;
    int grpc_connections = 1'024;
    int grpc_address_connections = 0;
    int grpc_streams = 100;
    int grpc_memory_mb = 256;
    absl::Duration grpc_idle = absl::Minutes(5);
    absl::Duration grpc_age = absl::Minutes(30);
    absl::Duration grpc_age_grace = absl::Hours(2);
    absl::Duration grpc_ping_interval = absl::Seconds(60);
    absl::Duration watchdog_interval = absl::Seconds(5);
    int max_message_mb = 4;
    absl::Duration drain_notice = absl::Milliseconds(300);
    absl::Duration drain_timeout = absl::Seconds(30);
    absl::Duration stream_idle = absl::Seconds(60);
    bool reflection = true;
    int http_threads = 16;
    int http_connections = 256;
    absl::Duration http_idle = absl::Seconds(60);
    std::string http_hosts;
    bool core_dumps = false;
  } server;
  // Certificates of both listeners; without a certificate they speak plain.
  struct Tls {
    std::string certificate_file;
    std::string key_file;
    std::string client_ca_file;
    std::string client_certificates = "auto";
    absl::Duration reload_interval = absl::Seconds(60);
    absl::Duration handshake_timeout = absl::Seconds(5);
  } tls;
  struct Auth {
    std::string mode = "none";
    std::string trust_domain = "gradmatch";
    std::string bootstrap_file;
    int failures_per_minute = 60;
  } auth;
  struct Storage {
    std::string data_dir = "data";
    int block_cache_mb = 256;
    int write_buffer_mb = 128;
    int max_open_files = 512;
    bool plain_tables = false;
    int block_writes_at_percent = 85;
    int allow_writes_at_percent = 83;
    absl::Duration disk_check_interval = absl::Seconds(1);
    absl::Duration verify_interval = absl::Hours(24 * 7);
  } storage;
  struct Ingest {
    int batch_rows = 256;
    int batch_kb = 1'024;
    absl::Duration default_life = absl::Hours(90 * 24);
  } ingest;
  struct Match {
    int candidates = 300;
    int max_ranked = 1'000;
    int max_per_employer = 2;
    int min_group = 10;
    int graduates_daily_budget = 2'000;
    int load_threads = 2;
  } match;
  struct Push {
    int threads = 0;
  } push;
  struct Privacy {
    absl::Duration purge_interval = absl::Hours(24);
    std::string seal_key_file;
    absl::Duration snapshot_max_age = absl::Hours(30 * 24);
  } privacy;
  // How long data are kept, in days; server/retention/.
  struct Retention {
    std::string mode = "remove";
    absl::Duration interval = absl::Hours(24);
    int raw_row_days = 90;
    int tombstone_days = 90;
    int audit_days = 1'096;
    int ledger_days = 1'096;
    int push_item_days = 1'096;
    int feedback_days = 731;
    int quarantine_days = 180;
    int report_days = 90;
  } retention;
  struct Snapshot {
    std::string folder;
    absl::Duration interval = absl::ZeroDuration();
    int keep = 7;
  } snapshot;
  struct Encoder {
    std::string kind = "hash";
    int dimension = 256;
  } encoder;
  struct Log {
    std::string level = "info";
    std::string format = "auto";
    absl::Duration slow_call = absl::Seconds(1);
    std::string calls = "slow";
    int repeats_per_minute = 60;
  } log;
};

enum class OptionOrigin { kDefault, kFile, kEnvironment, kFlag };

// One option as it is in force.
struct OptionValue {
  std::string name;   // dotted: server.grpc_listen
  std::string value;  // as text
  std::string default_value;
  std::string help;  // what it does, its unit, what it may be
  OptionOrigin origin = OptionOrigin::kDefault;
  std::string origin_detail;  // "/etc/gradmatch.yaml:3", variable, "--set"
};

// Where values come from; nothing is read from the process here.
struct OptionSources {
  // The configuration file: its path, for messages, and its text.
  std::string file_path;
  std::optional<std::string> file_text;
  // Variables of the environment; those that begin with "GRADMATCH__" count,
  // such as GRADMATCH__SERVER__GRPC_LISTEN.
  std::vector<std::pair<std::string, std::string>> environment;
  // name=value pairs of the command line, and how each was given.
  struct Flag {
    std::string name;
    std::string value;
    std::string given_as;  // "--set", "--data_dir"
  };
  std::vector<Flag> flags;
  // Where systemd puts the files of LoadCredential=; values that begin with
  // "$CREDENTIALS_DIRECTORY/" are below it. Empty: it set none.
  std::string credentials_directory;
};

struct LoadedOptions {
  Options options;
  std::vector<OptionValue> values;  // by name
};

// A flag wins over the environment, that over the file, that over the default.
// InvalidArgument for an unknown name (with the nearest known one), a value
// that does not parse or is out of bounds, a file that is no YAML; and for
// values that are not safe together (exposure.h), above all a listener on
// another address than loopback without TLS and identities. Every message names
// where the value came from.
absl::StatusOr<LoadedOptions> LoadOptions(const OptionSources& sources);

// The environment and, when `config_path` is not empty, the file of the
// process. NotFound when the file cannot be read.
absl::StatusOr<OptionSources> ReadOptionSources(const std::string& config_path);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_OPTIONS_H_
