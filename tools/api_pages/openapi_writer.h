#ifndef GRADMATCH_TOOLS_API_PAGES_OPENAPI_WRITER_H_
#define GRADMATCH_TOOLS_API_PAGES_OPENAPI_WRITER_H_

#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.pb.h"

namespace gradmatch {

// The API as OpenAPI 3.0.3, from descriptors with source information: paths
// from google.api.http, descriptions from the comments. The same bytes for the
// same files. InvalidArgument when the descriptors do not fit together.
absl::StatusOr<std::string> WriteOpenApi(
    const google::protobuf::FileDescriptorSet& files);

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_API_PAGES_OPENAPI_WRITER_H_
