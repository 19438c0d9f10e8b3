#ifndef GRADMATCH_TESTS_SERVER_ANY_CALL_H_
#define GRADMATCH_TESTS_SERVER_ANY_CALL_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "grpcpp/grpcpp.h"

namespace gradmatch {

// Every method of the API that a caller can reach, in the order of their full
// names: those of gradmatch.v1 and of google.longrunning.Operations.
std::vector<const google::protobuf::MethodDescriptor*> AllMethods();

// "PostingService.GetPosting".
std::string ShortName(const google::protobuf::MethodDescriptor& method);

// An empty request of the method.
std::unique_ptr<google::protobuf::Message> NewRequest(
    const google::protobuf::MethodDescriptor& method);

// Calls `method` with one request and reads all that comes back; a method that
// takes a stream gets this one message, then a commit if it knows one, then its
// end. `response`, if it is
// not null, gets the (last) answer.
absl::Status CallAny(
    const std::shared_ptr<grpc::Channel>& channel,
    const google::protobuf::MethodDescriptor& method,
    const google::protobuf::Message& request,
    std::unique_ptr<google::protobuf::Message>* response = nullptr);

// Calls a method that takes a stream with all of `requests`, and reads all that
// comes back.
absl::Status CallStream(
    const std::shared_ptr<grpc::Channel>& channel,
    const google::protobuf::MethodDescriptor& method,
    const std::vector<const google::protobuf::Message*>& requests,
    std::vector<std::unique_ptr<google::protobuf::Message>>& responses);

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_SERVER_ANY_CALL_H_
