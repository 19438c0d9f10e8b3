#include "server/runtime.h"

#include "index/base/error.h"
#include "index/base/error_reasons.h"

namespace gradmatch {

absl::Status CheckServing(ServerState state) {
  switch (state) {
    case ServerState::kServing:
      return absl::OkStatus();
    case ServerState::kLoading:
      return MakeError(absl::StatusCode::kUnavailable, kIndexLoading,
                       "服务正在加载数据，请稍后重试");
    case ServerState::kDraining:
      break;
  }
  return MakeError(absl::StatusCode::kUnavailable, kDraining,
                   "服务正在停止，不再接受新请求，请稍后重试");
}

}  // namespace gradmatch
