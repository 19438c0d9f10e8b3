#ifndef GRADMATCH_INDEX_BASE_ERROR_REASONS_H_
#define GRADMATCH_INDEX_BASE_ERROR_REASONS_H_

namespace gradmatch {

// Every reason an error may carry (domain "gradmatch"): one meaning for ever.
// Row results of a feed use the same words.
inline constexpr char kDomain[] = "gradmatch";
inline constexpr char kFieldMissing[] = "FIELD_MISSING";
inline constexpr char kFieldTooLong[] = "FIELD_TOO_LONG";
inline constexpr char kFieldInvalid[] = "FIELD_INVALID";
inline constexpr char kFieldOutOfRange[] = "FIELD_OUT_OF_RANGE";
inline constexpr char kFieldReadOnly[] = "FIELD_READ_ONLY";
inline constexpr char kFieldMaskInvalid[] = "FIELD_MASK_INVALID";
inline constexpr char kEncodingInvalid[] = "ENCODING_INVALID";
inline constexpr char kNameInvalid[] = "NAME_INVALID";
inline constexpr char kCodeUnknown[] = "CODE_UNKNOWN";
inline constexpr char kCodeSystemUnknown[] = "CODE_SYSTEM_UNKNOWN";
inline constexpr char kDatesOutOfOrder[] = "DATES_OUT_OF_ORDER";
inline constexpr char kPageTokenInvalid[] = "PAGE_TOKEN_INVALID";
inline constexpr char kDuplicateId[] = "DUPLICATE_ID";
inline constexpr char kBatchTooLarge[] = "BATCH_TOO_LARGE";
inline constexpr char kPostingNotFound[] = "POSTING_NOT_FOUND";
inline constexpr char kGraduateNotFound[] = "GRADUATE_NOT_FOUND";
inline constexpr char kSourceNotFound[] = "SOURCE_NOT_FOUND";
inline constexpr char kPushPlanNotFound[] = "PUSH_PLAN_NOT_FOUND";
inline constexpr char kPushRunNotFound[] = "PUSH_RUN_NOT_FOUND";
inline constexpr char kOperationNotFound[] = "OPERATION_NOT_FOUND";
inline constexpr char kContentNotFound[] = "CONTENT_NOT_FOUND";
inline constexpr char kStaffNotFound[] = "STAFF_NOT_FOUND";
inline constexpr char kTagNotFound[] = "TAG_NOT_FOUND";
inline constexpr char kErasureNotFound[] = "ERASURE_NOT_FOUND";
inline constexpr char kIndexNotFound[] = "INDEX_NOT_FOUND";
inline constexpr char kCodeSystemNotFound[] = "CODE_SYSTEM_NOT_FOUND";
inline constexpr char kAlreadyExists[] = "ALREADY_EXISTS";
inline constexpr char kEtagMismatch[] = "ETAG_MISMATCH";
inline constexpr char kStaleRevision[] = "STALE_REVISION";
inline constexpr char kRequestIdReused[] = "REQUEST_ID_REUSED";
inline constexpr char kPostingQuarantined[] = "POSTING_QUARANTINED";
inline constexpr char kSourceNotEmpty[] = "SOURCE_NOT_EMPTY";
inline constexpr char kSyncOrder[] = "SYNC_ORDER";
inline constexpr char kSyncModeUnsupported[] = "SYNC_MODE_UNSUPPORTED";
inline constexpr char kImportAlreadyRunning[] = "IMPORT_ALREADY_RUNNING";
inline constexpr char kGraduateNotServed[] = "GRADUATE_NOT_SERVED";
inline constexpr char kGraduateErased[] = "GRADUATE_ERASED";
inline constexpr char kNotEligible[] = "NOT_ELIGIBLE";
inline constexpr char kStaffScope[] = "STAFF_SCOPE";
inline constexpr char kAttributionInvalid[] = "ATTRIBUTION_TOKEN_INVALID";
inline constexpr char kPermissionDenied[] = "PERMISSION_DENIED";
inline constexpr char kTokenMissing[] = "TOKEN_MISSING";
inline constexpr char kTokenInvalid[] = "TOKEN_INVALID";
inline constexpr char kTokenExpired[] = "TOKEN_EXPIRED";
inline constexpr char kTokenRevoked[] = "TOKEN_REVOKED";
inline constexpr char kTokenNotFound[] = "TOKEN_NOT_FOUND";
inline constexpr char kCertificateMissing[] = "CERTIFICATE_MISSING";
inline constexpr char kIdentityConflict[] = "IDENTITY_CONFLICT";
inline constexpr char kScopeDenied[] = "SCOPE_DENIED";
inline constexpr char kTenantDenied[] = "TENANT_DENIED";
inline constexpr char kGroupTooSmall[] = "GROUP_TOO_SMALL";
inline constexpr char kBudgetUsedUp[] = "BUDGET_USED_UP";
inline constexpr char kAuditUnavailable[] = "AUDIT_UNAVAILABLE";
inline constexpr char kSealKeyMissing[] = "SEAL_KEY_MISSING";
inline constexpr char kSnapshotNotFound[] = "SNAPSHOT_NOT_FOUND";
inline constexpr char kSnapshotOff[] = "SNAPSHOT_OFF";
inline constexpr char kSnapshotRunning[] = "SNAPSHOT_RUNNING";
inline constexpr char kSnapshotDamaged[] = "SNAPSHOT_DAMAGED";
inline constexpr char kSnapshotNoSpace[] = "SNAPSHOT_NO_SPACE";
inline constexpr char kRightsJournal[] = "RIGHTS_JOURNAL_UNAVAILABLE";
inline constexpr char kCodeTableInvalid[] = "CODE_TABLE_INVALID";
inline constexpr char kJsonInvalid[] = "JSON_INVALID";
inline constexpr char kContentTypeUnsupported[] = "CONTENT_TYPE_UNSUPPORTED";
inline constexpr char kBodyTooLarge[] = "BODY_TOO_LARGE";
inline constexpr char kBodyIncomplete[] = "BODY_INCOMPLETE";
inline constexpr char kPathNotFound[] = "PATH_NOT_FOUND";
inline constexpr char kHttpMethodNotAllowed[] = "HTTP_METHOD_NOT_ALLOWED";
inline constexpr char kMethodUnimplemented[] = "METHOD_UNIMPLEMENTED";
inline constexpr char kRunIdReused[] = "RUN_ID_REUSED_WITH_DIFFERENT_PLAN";
inline constexpr char kRunNotReady[] = "RUN_NOT_READY";
inline constexpr char kIndexLoading[] = "INDEX_LOADING";
inline constexpr char kIndexEncoderMismatch[] = "INDEX_ENCODER_MISMATCH";
inline constexpr char kDimensionMismatch[] = "DIMENSION_MISMATCH";
inline constexpr char kQuotaExceeded[] = "QUOTA_EXCEEDED";
inline constexpr char kDeadlineTooLong[] = "DEADLINE_TOO_LONG";
inline constexpr char kDeadlineMissing[] = "DEADLINE_MISSING";
inline constexpr char kDeadlinePassed[] = "DEADLINE_PASSED";
inline constexpr char kCancelled[] = "CANCELLED";
inline constexpr char kDraining[] = "DRAINING";
inline constexpr char kFormatTooNew[] = "FORMAT_TOO_NEW";
inline constexpr char kReadOnly[] = "READ_ONLY";
inline constexpr char kStorageFull[] = "STORAGE_FULL";
inline constexpr char kDataLoss[] = "DATA_LOSS";
inline constexpr char kInternal[] = "INTERNAL";

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_BASE_ERROR_REASONS_H_
