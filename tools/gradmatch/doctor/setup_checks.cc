#include "tools/gradmatch/doctor/setup_checks.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "index/file_system.h"
#include "index/format.h"
#include "index/watermark.h"
#include "server/descriptors.h"

namespace gradmatch {
namespace {

// Who else than the owner may read what is a secret.
bool IsOpenToOthers(const struct stat& file) {
  return (file.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

bool NamesSecret(const std::string& option) {
  return absl::StrContains(option, "key") ||
         absl::StrContains(option, "secret") ||
         absl::StrContains(option, "token");
}

Finding CheckFile(const OptionValue& option) {
  Finding finding{.name = option.name, .found = option.value};
  struct stat file;
  if (stat(option.value.c_str(), &file) != 0 ||
      access(option.value.c_str(), R_OK) != 0) {
    finding.verdict = Verdict::kFail;
    absl::StrAppend(&finding.found, ": ", std::strerror(errno));
    finding.advice =
        "correct the path, or let the user that runs the server read it";
    return finding;
  }
  if (NamesSecret(option.name) && IsOpenToOthers(file)) {
    finding.verdict = Verdict::kFail;
    absl::StrAppend(&finding.found,
                    absl::StrFormat(", mode %04o", file.st_mode & 07777));
    finding.advice =
        absl::StrCat("others may read it: chmod 0400 ", option.value);
  }
  return finding;
}

// OK, or why nobody can listen there.
std::string WhyNotListen(const std::string& address) {
  const size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), address.substr(colon + 1).c_str(),
                                &hints, &found);
  if (error != 0) return gai_strerror(error);
  std::string why;
  const FileDescriptor fd(
      socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(fd.get(), found->ai_addr, found->ai_addrlen) != 0 ||
      listen(fd.get(), 1) != 0) {
    why = std::strerror(errno);
  }
  freeaddrinfo(found);
  return why;
}

Finding CheckFormat(const std::string& folder) {
  Finding finding{.name = "data folder", .found = folder};
  const auto format =
      OpenFormat(folder, /*create_if_empty=*/false, "check", absl::Now());
  if (absl::IsNotFound(format.status())) {
    finding.verdict = Verdict::kWarn;
    absl::StrAppend(&finding.found, " is not there yet");
    finding.advice = "the server makes it at its first start";
  } else if (!format.ok()) {
    finding.verdict = Verdict::kFail;
    finding.found = std::string(format.status().message());
    finding.advice = "point --data-dir at a folder of this version";
  } else {
    absl::StrAppend(&finding.found, ", format ", format->format.format_version);
  }
  return finding;
}

Finding CheckOwner(const std::string& folder) {
  Finding finding{.name = "data owner"};
  struct stat info;
  if (stat(folder.c_str(), &info) != 0) {
    finding.verdict = Verdict::kFail;
    finding.found = std::strerror(errno);
    finding.advice = "look at the folder's parents";
    return finding;
  }
  finding.found =
      absl::StrFormat("user %d, mode %04o", info.st_uid, info.st_mode & 07777);
  if (access(folder.c_str(), W_OK) != 0) {
    finding.verdict = Verdict::kFail;
    finding.advice = "give it to the user that runs the server (chown -R)";
  } else if (info.st_uid != geteuid()) {
    finding.verdict = Verdict::kWarn;
    finding.advice =
        "it belongs to another user: run this check, and the server, as that "
        "user";
  } else if ((info.st_mode & S_IRWXO) != 0) {
    finding.verdict = Verdict::kWarn;
    finding.advice =
        absl::StrCat("others may look into it: chmod 0700 ", folder);
  }
  return finding;
}

Finding CheckSecret(const std::string& folder) {
  Finding finding{.name = "data secret", .found = "SECRET"};
  struct stat info;
  if (stat((folder + "/SECRET").c_str(), &info) != 0) {
    finding.verdict = Verdict::kFail;
    absl::StrAppend(&finding.found, ": ", std::strerror(errno));
    finding.advice =
        "without it no graduate is found again: restore it from a backup";
  } else if (IsOpenToOthers(info)) {
    finding.verdict = Verdict::kFail;
    absl::StrAppend(&finding.found,
                    absl::StrFormat(", mode %04o", info.st_mode & 07777));
    finding.advice =
        absl::StrCat("others may read it: chmod 0600 ", folder, "/SECRET");
  } else {
    absl::StrAppend(&finding.found, " is readable by its owner only");
  }
  return finding;
}

Finding CheckWatermark(const std::string& folder) {
  Finding finding{.name = "watermark"};
  // Opening it changes nothing.
  const auto watermark = Watermark::Open(folder + "/WATERMARK");
  if (absl::IsNotFound(watermark.status())) {
    finding.verdict = Verdict::kWarn;
    finding.found = "there is none";
    finding.advice =
        "a lost end of the log would not be noticed; the next start makes a "
        "new one, so look first whether anything is missing";
    return finding;
  }
  if (!watermark.ok()) {
    finding.verdict = Verdict::kFail;
    finding.found = std::string(watermark.status().message());
    finding.advice = "run this as the folder's user, or restore a snapshot";
    return finding;
  }
  finding.found =
      absl::StrCat("write ", (*watermark)->value(), " was acknowledged");
  return finding;
}

Finding CheckRecovery(const std::string& folder) {
  Finding finding{.name = "recovery", .found = "no copies"};
  const auto copies = ListFolder(folder + "/recovery");
  if (!copies.ok() || copies->empty()) return finding;
  finding.verdict = Verdict::kWarn;
  finding.found = absl::StrCat(copies->size(), " copies of torn logs in ",
                               folder, "/recovery");
  finding.advice =
      "after a kill this is normal; look that nothing is missing, then remove "
      "them: they take room";
  return finding;
}

}  // namespace

Finding CheckConfig(const std::string& config_path, const std::string& data_dir,
                    LoadedOptions& loaded) {
  auto sources = ReadOptionSources(config_path);
  if (sources.ok() && !data_dir.empty()) {
    sources->flags.push_back({"storage.data_dir", data_dir, "--data-dir"});
  }
  auto read = sources.ok() ? LoadOptions(*sources)
                           : absl::StatusOr<LoadedOptions>(sources.status());
  if (!read.ok()) {
    return {"config", Verdict::kFail, std::string(read.status().message()),
            "correct it and run this check again"};
  }
  loaded = *std::move(read);
  int changed = 0;
  for (const OptionValue& value : loaded.values) {
    changed += value.origin != OptionOrigin::kDefault;
  }
  return {"config", Verdict::kOk,
          absl::StrCat(loaded.values.size(), " options, ", changed,
                       " not the default"),
          ""};
}

Findings CheckOptionFiles(const LoadedOptions& loaded) {
  Findings findings;
  for (const OptionValue& option : loaded.values) {
    // The server writes that one.
    if (option.name == "server.port_file") continue;
    if (!absl::EndsWith(option.name, "_file") || option.value.empty()) continue;
    findings.push_back(CheckFile(option));
  }
  return findings;
}

Finding CheckOpenFiles(const Options& options, int64_t limit) {
  Finding finding{.name = "open files"};
  const DescriptorWants wants = {options.storage.max_open_files,
                                 options.server.http_connections,
                                 options.server.grpc_connections};
  const int64_t wanted = DescriptorsFor(wants);
  if (limit < 0) {
    finding.verdict = Verdict::kWarn;
    finding.found = absl::StrCat("limit not known, wanted ", wanted);
    finding.advice = "look with ulimit -Hn";
    return finding;
  }
  finding.found = absl::StrCat("limit ", limit, ", wanted ", wanted);
  const DescriptorPlan plan = PlanDescriptors(limit, wants);
  if (plan.cut) {
    finding.verdict = Verdict::kWarn;
    finding.advice = absl::StrCat(
        "raise it: LimitNOFILE=", wanted,
        " in the unit, or ulimit -Hn; with this limit the server takes ",
        plan.grpc_connections, " gRPC and ", plan.http_connections,
        " HTTP connections");
  } else if (options.server.grpc_connections == 0) {
    finding.verdict = Verdict::kWarn;
    finding.advice =
        "server.grpc_connections=0 sets no limit: when descriptors run out "
        "the gRPC listener dies and only the watchdog restarts it";
  }
  return finding;
}

Findings CheckListeners(const Options& options) {
  Findings findings;
  const std::pair<const char*, const std::string&> listeners[] = {
      {"server.grpc_listen", options.server.grpc_listen},
      {"server.http_listen", options.server.http_listen}};
  for (const auto& [name, address] : listeners) {
    if (address.empty()) continue;
    Finding finding{.name = name, .found = absl::StrCat(address, " is free")};
    const std::string why = WhyNotListen(address);
    if (!why.empty()) {
      finding.verdict = Verdict::kFail;
      finding.found = absl::StrCat(address, ": ", why);
      finding.advice = "end who has it (ss -ltnp), or choose another address";
    }
    findings.push_back(std::move(finding));
  }
  return findings;
}

Findings CheckDataFolder(const std::string& folder) {
  Findings findings = {CheckFormat(folder)};
  if (findings.front().verdict != Verdict::kOk) return findings;
  findings.push_back(CheckOwner(folder));
  findings.push_back(CheckSecret(folder));
  findings.push_back(CheckWatermark(folder));
  findings.push_back(CheckRecovery(folder));
  return findings;
}

}  // namespace gradmatch
