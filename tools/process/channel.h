#ifndef GRADMATCH_TOOLS_PROCESS_CHANNEL_H_
#define GRADMATCH_TOOLS_PROCESS_CHANNEL_H_

#include <memory>
#include <string>

#include "grpcpp/channel.h"

namespace gradmatch {

// How a connection is protected, and what proves who we are; texts, not files.
struct ChannelSecurity {
  bool tls = false;
  std::string ca_pem;  // who may sign the server's; empty: the system's
  std::string certificate_pem;  // our own, with its key; empty: none
  std::string key_pem;
  std::string server_name;  // that its certificate must have; empty: the host's
  // A bearer token that goes with each call; empty: none.
  std::string token;
};

// A connection to a server at HOST:PORT. Straight to it: the http_proxy that
// offices set for the web would get the call, and with it what is said about
// graduates.
std::shared_ptr<grpc::Channel> OpenChannel(
    const std::string& endpoint, const ChannelSecurity& security = {});

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_PROCESS_CHANNEL_H_
