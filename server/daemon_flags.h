#ifndef GRADMATCH_SERVER_DAEMON_FLAGS_H_
#define GRADMATCH_SERVER_DAEMON_FLAGS_H_

#include <array>

namespace gradmatch {

// What gradmatchd says of its flags: --help and the manual page gradmatchd(8)
// both read it here.
inline constexpr char kConfigHelp[] = "Configuration file (YAML).";
inline constexpr char kDataDirHelp[] =
    "Folder of the data; short for --set=storage.data_dir=...";
inline constexpr char kSetHelp[] =
    "Options as name=value, separated by commas; they win over the "
    "environment (GRADMATCH__SERVER__GRPC_LISTEN) and the file.";
inline constexpr char kSignalsHelp[] =
    "SIGTERM ends it when calls under way are done; a second one at once.";

struct DaemonFlag {
  const char* name;
  const char* value;  // what stands after it in the manual page
  const char* help;
};
inline constexpr std::array<DaemonFlag, 3> kDaemonFlags = {{
    {"config", "FILE", kConfigHelp},
    {"data_dir", "FOLDER", kDataDirHelp},
    {"set", "NAME=VALUE[,...]", kSetHelp},
}};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_DAEMON_FLAGS_H_
