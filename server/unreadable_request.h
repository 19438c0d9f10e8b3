#ifndef GRADMATCH_SERVER_UNREADABLE_REQUEST_H_
#define GRADMATCH_SERVER_UNREADABLE_REQUEST_H_

#include <memory>

#include "grpcpp/support/server_interceptor.h"

namespace gradmatch {

// gRPC answers a request that does not parse (no protobuf, or text that is not
// UTF-8) with a bare UNIMPLEMENTED, as if the method did not exist. This makes
// it INVALID_ARGUMENT, ENCODING_INVALID, for the methods there are.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
NewUnreadableRequestInterceptor();

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_UNREADABLE_REQUEST_H_
