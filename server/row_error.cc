#include "server/row_error.h"

#include <string>

#include "index/base/error.h"

namespace gradmatch {

bool IsRowError(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
      return !ReasonOf(status).empty();
    default:
      return false;
  }
}

v1::RowError ToRowError(const absl::Status& status) {
  const FieldError field = FieldErrorOf(status);
  v1::RowError error;
  error.set_reason(ReasonOf(status));
  error.set_field(field.field);
  error.set_value(field.value);
  error.set_allowed(field.allowed);
  error.set_nearest(field.nearest);
  error.set_message(std::string(status.message()));
  return error;
}

}  // namespace gradmatch
