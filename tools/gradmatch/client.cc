#include "tools/gradmatch/client.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/protobuf/util/json_util.h"
#include "index/base/error.h"
#include "index/base/strings.h"
#include "tools/process/endpoint_probe.h"

namespace gradmatch {

Client::Client(const GlobalOptions& options)
    : options_(options),
      channel_(OpenChannel(options.endpoint, options.security)) {}

absl::Status Client::Explained(absl::Status status) const {
  if (status.code() != absl::StatusCode::kUnavailable ||
      !ReasonOf(status).empty()) {
    return status;
  }
  const EndpointSpeaks speaks = ProbeEndpoint(options_.endpoint);
  std::string advice;
  if (speaks == EndpointSpeaks::kTls && !options_.security.tls) {
    advice =
        " speaks TLS, and this call did not: name the certificates that sign "
        "the server's with --tls-ca FILE";
  } else if (speaks == EndpointSpeaks::kPlain && options_.security.tls) {
    advice = " does not speak TLS, and this call did: leave out --tls-ca";
  } else if (speaks == EndpointSpeaks::kTls) {
    advice =
        " speaks TLS, but no secure connection came about. Is its certificate "
        "signed by --tls-ca, and for this host (else --tls-server-name)? Does "
        "it ask for a certificate of ours (--tls-cert, --tls-key), signed by "
        "whom it trusts and not expired?";
  } else {
    return status;
  }
  return absl::UnavailableError(
      absl::StrCat(options_.endpoint, advice, " (", status.message(), ")"));
}

std::string NewRequestId() {
  std::random_device device;
  const auto word = [&device] {
    return static_cast<uint64_t>(device()) << 32 | device();
  };
  const uint64_t high = (word() & ~0xF000ull) | 0x4000;
  const uint64_t low = (word() & ~(3ull << 62)) | 1ull << 63;
  return absl::StrFormat("%08x-%04x-%04x-%04x-%012x", high >> 32,
                         high >> 16 & 0xFFFF, high & 0xFFFF, low >> 48,
                         low & 0xFFFFFFFFFFFF);
}

int Fail(const absl::Status& status) {
  std::cerr << "gradmatch: " << status.message();
  const std::string reason = ReasonOf(status);
  std::cerr << " [" << absl::StatusCodeToString(status.code())
            << (reason.empty() ? "" : "/" + reason) << "]\n";
  if (status.code() == absl::StatusCode::kUnavailable && reason.empty()) {
    std::cerr << "Is a server running there? Start one with: gradmatch serve "
                 "--data-dir DIR, or name it with --endpoint HOST:PORT\n";
  } else if (status.code() == absl::StatusCode::kResourceExhausted) {
    // Without a reason it is gRPC's own: a message that is too large.
    if (reason.empty()) return kExitData;
    std::cerr << "The server is busy; try again in a few seconds.\n";
  }
  return ExitCodeOf(status);
}

std::string ToJson(const google::protobuf::Message& message, bool indented) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = indented;
  std::string json;
  const auto status =
      google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!status.ok()) {
    json = absl::StrCat("{\"error\":\"", status.ToString(), "\"}");
  }
  while (!json.empty() && json.back() == '\n') json.pop_back();
  return json;
}

void PrintJson(const google::protobuf::Message& message, bool indented) {
  std::cout << ToJson(message, indented) << '\n';
}

absl::StatusOr<std::string> ReadTextFile(const std::string& path) {
  std::error_code error;
  const bool folder = std::filesystem::is_directory(path, error);
  std::ifstream in(path, std::ios::binary);
  if (folder || !in) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot read ", path, ": ",
                     folder ? "it is a folder" : std::strerror(errno)));
  }
  return std::string(std::istreambuf_iterator<char>(in), {});
}

absl::Status ParseJson(const std::string& json, const std::string& what,
                       google::protobuf::Message& message) {
  const auto status =
      google::protobuf::util::JsonStringToMessage(json, &message);
  if (status.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(what, " is no ", message.GetTypeName(),
                   " in JSON: ", status.message().ToString()));
}

std::string FullName(const std::string& collection, const std::string& name) {
  return absl::StartsWith(name, collection + "/") ? name
                                                  : collection + "/" + name;
}

}  // namespace gradmatch
