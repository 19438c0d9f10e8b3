#include "server/http/openapi_text.h"

extern "C" {
extern const char gradmatch_openapi_json[];
extern const char gradmatch_openapi_json_end[];
}

namespace gradmatch {

std::string_view OpenApiText() {
  return {
      gradmatch_openapi_json,
      static_cast<size_t>(gradmatch_openapi_json_end - gradmatch_openapi_json)};
}

}  // namespace gradmatch
