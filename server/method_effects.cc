#include "server/method_effects.h"

#include <map>
#include <string>

namespace gradmatch {
namespace {

using enum MethodEffect;

const std::map<std::string_view, MethodEffect>& Table() {
  static const auto& table = *new std::map<std::string_view, MethodEffect>{
      {"AdminService.GetServerInfo", kReads},
      {"AdminService.GetEffectiveConfig", kReads},
      {"AdminService.ListAuditEntries", kReads},
      {"CodeService.ListCodeSystems", kReads},
      {"CodeService.ListCodes", kReads},
      {"CodeService.ResolveCodes", kReads},
      {"CodeService.CrossCodes", kReads},
      {"CodeService.ImportCodes", kGrows},
      {"ContentService.CreateContent", kGrows},
      {"ContentService.GetContent", kReads},
      {"ContentService.ListContents", kReads},
      {"ContentService.UpdateContent", kGrows},
      {"ContentService.DeleteContent", kAlways},
      {"ContentService.SyncContents", kGrows},
      {"FeedbackService.ReportDeliveries", kGrows},
      {"FeedbackService.ReportEvents", kGrows},
      {"GraduateService.CreateGraduate", kGrows},
      {"GraduateService.GetGraduate", kReads},
      {"GraduateService.ListGraduates", kReads},
      {"GraduateService.UpdateGraduate", kGrows},
      {"GraduateService.DeleteGraduate", kAlways},
      {"GraduateService.BatchUpdateGraduates", kGrows},
      {"GraduateService.SyncGraduates", kGrows},
      {"GraduateService.GetPreferences", kReads},
      {"GraduateService.UpdatePreferences", kAlways},
      {"GraduateService.ListTags", kReads},
      {"GraduateService.DeleteTag", kAlways},
      {"GraduateService.ReportPlacement", kAlways},
      {"GraduateService.RevokePlacement", kAlways},
      {"GraduateService.FreezeGraduate", kAlways},
      {"GraduateService.UnfreezeGraduate", kAlways},
      {"GraduateService.EraseGraduate", kAlways},
      {"GraduateService.GetErasureReceipt", kReads},
      {"GraduateService.UpdateSealedFlags", kGrows},
      {"GraduateService.DeleteSealedFlags", kAlways},
      {"IndexService.GetIndex", kReads},
      {"IndexService.ListIndexes", kReads},
      {"IndexService.MeasureRecall", kGrows},
      {"MatchService.MatchPostings", kReads},
      {"MatchService.SearchPostings", kReads},
      {"MatchService.ExplainMatch", kReads},
      {"MatchService.CheckEligibility", kReads},
      {"MatchService.BatchMatchPostings", kReads},
      {"MatchService.MatchGraduates", kReads},
      {"MatchService.MatchContents", kReads},
      {"PostingService.CreatePosting", kGrows},
      {"PostingService.GetPosting", kReads},
      {"PostingService.ListPostings", kReads},
      {"PostingService.UpdatePosting", kGrows},
      {"PostingService.DeletePosting", kAlways},
      {"PostingService.BatchUpdatePostings", kGrows},
      {"PostingService.SyncPostings", kGrows},
      {"PushService.CreatePushPlan", kGrows},
      {"PushService.GetPushPlan", kReads},
      {"PushService.ListPushPlans", kReads},
      {"PushService.UpdatePushPlan", kGrows},
      {"PushService.DeletePushPlan", kAlways},
      {"PushService.RunPushPlan", kGrows},
      {"PushService.GetPushRun", kReads},
      {"PushService.ListPushRuns", kReads},
      {"PushService.CancelPushRun", kAlways},
      {"PushService.ListPushItems", kReads},
      {"PushService.StreamPushItems", kReads},
      {"SnapshotService.CreateDataSnapshot", kAlways},
      {"SnapshotService.GetDataSnapshot", kReads},
      {"SnapshotService.ListDataSnapshots", kReads},
      {"SnapshotService.VerifyDataSnapshot", kAlways},
      {"SnapshotService.DeleteDataSnapshot", kAlways},
      {"SourceService.CreateSource", kGrows},
      {"SourceService.GetSource", kReads},
      {"SourceService.ListSources", kReads},
      {"SourceService.UpdateSource", kGrows},
      {"SourceService.DeleteSource", kAlways},
      {"SourceService.ListQuarantineEntries", kReads},
      {"SourceService.GetSourceFigures", kReads},
      {"StaffService.CreateStaff", kGrows},
      {"StaffService.GetStaff", kReads},
      {"StaffService.ListStaff", kReads},
      {"StaffService.UpdateStaff", kGrows},
      {"StaffService.DeleteStaff", kAlways},
      {"StaffService.GetStaffDigest", kReads},
      {"StaffService.RecommendPosting", kGrows},
      {"StaffService.ListHandRecommendations", kReads},
      {"TokenService.CreateToken", kAlways},
      {"TokenService.GetToken", kReads},
      {"TokenService.ListTokens", kReads},
      {"TokenService.RotateToken", kAlways},
      {"TokenService.RevokeToken", kAlways},
      {"Operations.ListOperations", kReads},
      {"Operations.GetOperation", kReads},
      {"Operations.DeleteOperation", kAlways},
      {"Operations.CancelOperation", kAlways},
      {"Operations.WaitOperation", kReads},
  };
  return table;
}

}  // namespace

std::optional<MethodEffect> EffectOf(std::string_view method) {
  const auto it = Table().find(method);
  if (it == Table().end()) return std::nullopt;
  return it->second;
}

}  // namespace gradmatch
