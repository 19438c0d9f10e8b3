#ifndef GRADMATCH_TOOLS_PROCESS_CHANNEL_H_
#define GRADMATCH_TOOLS_PROCESS_CHANNEL_H_

#include <memory>
#include <string>

#include "grpcpp/channel.h"

namespace gradmatch {

// A connection to a server at HOST:PORT. Straight to it: servers listen on
// loopback, and the http_proxy that offices set for the web would get the call,
// and with it what is said about graduates.
// Every call on it carries `bearer`, a token, unless that is empty.
std::shared_ptr<grpc::Channel> OpenChannel(const std::string& endpoint,
                                           const std::string& bearer = "");

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_PROCESS_CHANNEL_H_
