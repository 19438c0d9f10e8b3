#ifndef GRADMATCH_SERVER_HTTP_OPENAPI_TEXT_H_
#define GRADMATCH_SERVER_HTTP_OPENAPI_TEXT_H_

#include <string_view>

namespace gradmatch {

// proto/openapi/openapi.json as it was when this program was built.
std::string_view OpenApiText();

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_OPENAPI_TEXT_H_
