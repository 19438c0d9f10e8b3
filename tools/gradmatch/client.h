#ifndef GRADMATCH_TOOLS_GRADMATCH_CLIENT_H_
#define GRADMATCH_TOOLS_GRADMATCH_CLIENT_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "server/rpc_status.h"
#include "tools/gradmatch/exit_code.h"

namespace gradmatch {

// Options that every command has.
struct GlobalOptions {
  std::string endpoint = "127.0.0.1:50051";
  std::string output = "table";  // table, json, jsonl
  bool quiet = false;            // no progress, no summary
  int64_t timeout_seconds = 30;  // of one unary call
  std::string token_file;        // empty: no token is sent
  std::string bearer;            // what is in it, once LoadToken has run
};

// Calls a server. Used by one thread, but for channel().
class Client {
 public:
  explicit Client(const GlobalOptions& options);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  const GlobalOptions& options() const { return options_; }

  // One unary call: Call<PostingService>(&PostingService::Stub::GetPosting,
  // request, response).
  template <typename Service, typename Request, typename Response>
  absl::Status Call(grpc::Status (Service::Stub::*method)(grpc::ClientContext*,
                                                          const Request&,
                                                          Response*),
                    const Request& request, Response& response) const {
    const auto stub = Service::NewStub(channel_);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::seconds(options_.timeout_seconds));
    return FromGrpcStatus(((*stub).*method)(&context, request, &response));
  }

 private:
  const GlobalOptions& options_;
  std::shared_ptr<grpc::Channel> channel_;
};

// Reads the token of `options.token_file`, if one is named. The token is never
// a word of the command line, where other users of the machine could read it.
// InvalidArgument for what is no token, or a file that others may read.
absl::Status LoadToken(GlobalOptions& options);

// A fresh request_id: a random UUID (version 4).
std::string NewRequestId();

// Says on standard error what is wrong and what to do next; gives the exit
// code.
int Fail(const absl::Status& status);

// The same before anything was asked of a server: what the user has set up is
// wrong.
int FailToStart(const absl::Status& status);

// A message as JSON without a line break at the end: over several lines for
// "json", on one for "jsonl".
std::string ToJson(const google::protobuf::Message& message, bool indented);
// Prints it on standard output, with a line break.
void PrintJson(const google::protobuf::Message& message, bool indented);

// A whole file. InvalidArgument says why not; a folder is no file.
absl::StatusOr<std::string> ReadTextFile(const std::string& path);

// Reads a message from JSON. InvalidArgument says what is wrong; `what` names
// where the text came from.
absl::Status ParseJson(const std::string& json, const std::string& what,
                       google::protobuf::Message& message);

// "graduates/x" as it is; "x" gets the collection in front.
std::string FullName(const std::string& collection, const std::string& name);

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_CLIENT_H_
