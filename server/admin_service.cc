#include "server/admin_service.h"

#include <unistd.h>

#include <fstream>

#include "index/catalog.h"
#include "index/dot_product.h"
#include "matcher/encoder.h"
#include "matcher/matcher.h"
#include "server/audit_list.h"
#include "server/source_registry.h"
#include "server/time_proto.h"

namespace gradmatch {
namespace {

int64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  int64_t all = 0;
  int64_t resident = 0;
  statm >> all >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

v1::ServerInfo::State StateOf(ServerState state) {
  switch (state) {
    case ServerState::kLoading:
      return v1::ServerInfo::STATE_LOADING;
    case ServerState::kServing:
      return v1::ServerInfo::STATE_SERVING;
    case ServerState::kDraining:
      return v1::ServerInfo::STATE_DRAINING;
  }
  return v1::ServerInfo::STATE_UNSPECIFIED;
}

v1::ConfigEntry::Origin OriginOf(OptionOrigin origin) {
  switch (origin) {
    case OptionOrigin::kDefault:
      return v1::ConfigEntry::ORIGIN_DEFAULT;
    case OptionOrigin::kFile:
      return v1::ConfigEntry::ORIGIN_FILE;
    case OptionOrigin::kEnvironment:
      return v1::ConfigEntry::ORIGIN_ENVIRONMENT;
    case OptionOrigin::kFlag:
      return v1::ConfigEntry::ORIGIN_FLAG;
  }
  return v1::ConfigEntry::ORIGIN_UNSPECIFIED;
}

}  // namespace

absl::Status AdminServiceImpl::ServerInfo(v1::ServerInfo& info) {
  // The facts are complete once the state is not LOADING; read it first.
  const ServerState state = runtime_.state();
  info.set_version(facts_.version);
  info.set_state(StateOf(state));
  *info.mutable_start_time() = ToTimestamp(facts_.start_time);
  info.set_memory_bytes(ResidentBytes());
  info.set_vector_kernel(std::string(DotProductKernels().front().name));
  if (!runtime_.loaded()) return absl::OkStatus();

  const Engine& engine = runtime_.engine();
  const auto snapshot = engine.catalog.CurrentSnapshot();
  info.set_generation(static_cast<int64_t>(snapshot->generation()));
  info.set_encoder(engine.encoder.info().id);
  info.set_dimension(static_cast<int32_t>(engine.encoder.info().dimension));
  info.set_ranker(std::string(engine.matcher.weights().version));
  auto counts = posting_counts_.Get(
      snapshot->generation(), [&] { return CountPostings(engine.catalog); });
  if (!counts.ok()) return counts.status();
  info.mutable_postings()->insert(counts->begin(), counts->end());
  info.set_graduates(static_cast<int64_t>(
      engine.catalog.Counts(CollectionId::kGraduates).records));
  info.set_sources(engine.sources.count());
  info.set_searchable_postings(static_cast<int64_t>(snapshot->live_rows()));
  info.set_segments(static_cast<int32_t>(snapshot->segments().size()));
  info.set_load_seconds(facts_.load_seconds);
  info.set_open_mode(facts_.open_mode);
  info.set_format_version(facts_.format_version);
  if (facts_.active_push_runs != nullptr) {
    info.set_active_push_runs(facts_.active_push_runs());
  }
  if (facts_.storage != nullptr) {
    const StorageGuard::State storage = facts_.storage();
    info.set_disk_free_bytes(storage.space.free_bytes);
    info.set_disk_used_percent(storage.space.UsedPercent());
    info.set_writes_blocked(storage.blocked);
  }
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* AdminServiceImpl::GetServerInfo(
    grpc::CallbackServerContext* context,
    const v1::GetServerInfoRequest* request, v1::ServerInfo* response) {
  return RunUnary(
      runtime_, context, request, response, "AdminService.GetServerInfo",
      [this](const RpcContext&, const auto&, auto& r) -> absl::Status {
        absl::Status told = ServerInfo(r);
        if (!told.ok() || !facts_.complete) return told;
        return facts_.complete(r);
      },
      {.always = true, .exempt = true});
}

grpc::ServerUnaryReactor* AdminServiceImpl::GetEffectiveConfig(
    grpc::CallbackServerContext* context,
    const v1::GetEffectiveConfigRequest* request,
    v1::EffectiveConfig* response) {
  return RunUnary(
      runtime_, context, request, response, "AdminService.GetEffectiveConfig",
      [this](const RpcContext&, const auto&, auto& r) -> absl::Status {
        for (const OptionValue& value : options_) {
          v1::ConfigEntry& entry = *r.add_entries();
          entry.set_name(value.name);
          entry.set_value(value.value);
          entry.set_default_value(value.default_value);
          entry.set_help(value.help);
          entry.set_origin(OriginOf(value.origin));
          entry.set_origin_detail(value.origin_detail);
        }
        return absl::OkStatus();
      },
      {.always = true, .exempt = true});
}

grpc::ServerUnaryReactor* AdminServiceImpl::ListAuditEntries(
    grpc::CallbackServerContext* context,
    const v1::ListAuditEntriesRequest* request,
    v1::ListAuditEntriesResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "AdminService.ListAuditEntries",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return gradmatch::ListAuditEntries(runtime_.engine(), rpc, q, r);
      });
}

}  // namespace gradmatch
