namespace OnnxTimm.Train;

/// <summary>
/// The flags of timm's scripts (1.0), so that one that is not there can be told from one that is misspelt.
/// Source: the add_argument calls of the scripts.
/// </summary>
public static class TimmFlags
{
    /// <summary>Keys of train.py's args.yaml.</summary>
    public static readonly string[] Train = Words("""
        aa amp amp_dtype aug_repeats aug_splits batch_size bce_loss bce_pos_weight bce_sum bce_target_thresh bn_eps
        bn_momentum channels_last checkpoint_hist class_map clip_grad clip_mode color_jitter color_jitter_prob
        config cooldown_epochs crop_pct cutmix cutmix_minmax data data_dir dataset dataset_download
        dataset_trust_remote_code decay_epochs decay_milestones decay_rate device device_modules dist_bn
        distill_loss_weight dr drop drop_block drop_connect drop_path epoch_repeats epochs eval_metric experiment
        fast_norm fuser gaussian_blur_prob gp grad_accum_steps grad_checkpointing grayscale_prob head_init_bias
        head_init_scale hflip img_size in_chans initial_checkpoint input_img_mode input_key input_size interpolation
        jsd_loss kd_distill_type kd_loss_type kd_model_name kd_student_feature_dim kd_teacher_feature_dim
        kd_temperature kd_token_distill_type layer_decay layer_decay_min_scale layer_decay_no_opt_scale local_rank
        log_interval log_wandb lr lr_base lr_base_scale lr_base_size lr_cycle_decay lr_cycle_limit lr_cycle_mul
        lr_k_decay lr_noise lr_noise_pct lr_noise_std mean min_lr mixup mixup_mode mixup_off_epoch mixup_prob
        mixup_switch_prob model model_dtype model_ema model_ema_decay model_ema_force_cpu model_ema_warmup
        model_kwargs momentum naflex_loader naflex_loss_scale naflex_max_seq_len naflex_patch_size_probs
        naflex_patch_sizes naflex_patchify_channels_first naflex_train_seq_lens no_aug no_ddp_bb no_prefetcher
        no_resume_opt num_classes opt opt_betas opt_eps opt_kwargs output patience_epochs pin_mem pretrained
        pretrained_path ratio recount recovery_interval remode reprob resplit resume save_images scale sched
        sched_on_updates seed smoothing split_bn start_epoch std sync_bn synchronize_step target_key
        task_loss_weight torchcompile torchcompile_mode torchscript train_batch_sizes train_batches_per_epoch
        train_crop_mode train_img_sizes train_interpolation train_num_samples train_size_probs train_size_random_mix
        train_size_schedule train_size_schedule_spread train_split train_steps_per_epoch tta use_multi_epochs_loader
        val_interval val_num_samples val_split validation_batch_size variable_batch_loss_scale vflip wandb_project
        wandb_resume_id wandb_tags warmup_epochs warmup_lr warmup_prefix weight_decay worker_seeding workers
        """);

    /// <summary>
    /// Flags of train.py, validate.py, inference.py, benchmark.py and onnx_export.py, without their dashes.
    /// </summary>
    public static readonly string[] All = Words("""
        aa amp amp-dtype aot-autograd aten-fallback aug-repeats aug-splits batch-size bce-loss bce-pos-weight bce-
        sum bce-target-thresh bench bn-eps bn-momentum channels-last check-forward checkpoint checkpoint-hist class-
        map clip-grad clip-mode color-jitter color-jitter-prob config cooldown-epochs crop-border-pixels crop-mode
        crop-pct cutmix cutmix-minmax data-dir dataset dataset-download dataset-trust-remote-code decay-epochs
        decay-milestones decay-rate detail device device-modules dist-bn distill-loss-weight dr drop drop-block
        drop-connect drop-path dynamic-size dynamo epoch-repeats epochs eval-metric exclude-output experiment fast-
        norm filename-col fullname fuser gaussian-blur-prob gp grad-accum-steps grad-checkpointing grayscale-prob
        head-init-bias head-init-scale hflip img-size in-chans include-index index-col initial-checkpoint input-img-
        mode input-key input-size interpolation jsd-loss kd-distill-type kd-loss-type kd-model-name kd-student-
        feature-dim kd-teacher-feature-dim kd-temperature kd-token-distill-type keep-init label-col label-type
        layer-decay layer-decay-min-scale layer-decay-no-opt-scale local_rank log-freq log-interval log-wandb lr lr-
        base lr-base-scale lr-base-size lr-cycle-decay lr-cycle-limit lr-cycle-mul lr-k-decay lr-noise lr-noise-pct
        lr-noise-std mean metrics-avg min-lr mixup mixup-mode mixup-off-epoch mixup-prob mixup-switch-prob model
        model-dtype model-ema model-ema-decay model-ema-force-cpu model-ema-warmup model-kwargs model-list momentum
        naflex-loader naflex-loss-scale naflex-max-seq-len naflex-patch-size-probs naflex-patch-sizes naflex-
        patchify-channels-first naflex-train-seq-lens no-aug no-console-results no-ddp-bb no-prefetcher no-resume-
        opt no-retry num-bench-iter num-classes num-gpu num-samples num-warm-iter opset opt opt-betas opt-eps opt-
        kwargs output output-col output-type patience-epochs pin-mem precision pretrained pretrained-path ratio
        real-labels recount recovery-interval remode reparam reprob resplit results-dir results-file results-format
        results-separate-col resume retry save-images scale sched sched-on-updates seed smoothing split split-bn
        start-epoch std sync-bn synchronize-step target-key task-loss-weight test-pool tf-preprocessing topk
        torchcompile torchcompile-mode torchscript train-batch-sizes train-batches-per-epoch train-crop-mode train-
        img-sizes train-interpolation train-num-samples train-size-probs train-size-random-mix train-size-schedule
        train-size-schedule-spread train-split train-steps-per-epoch training tta use-ema use-multi-epochs-loader
        use-train-size val-interval val-num-samples val-split valid-labels validation-batch-size variable-batch-
        loss-scale verbose vflip wandb-project wandb-resume-id wandb-tags warmup-epochs warmup-lr warmup-prefix
        weight-decay worker-seeding workers
        """);

    static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
